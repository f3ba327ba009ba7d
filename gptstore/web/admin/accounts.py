from collections.abc import Sequence
from typing import Any

from allauth.account.admin import EmailAddressAdmin as AllauthAddressAdmin
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from gptstore.accounts import keys
from gptstore.accounts.api_key import ApiKey
from gptstore.accounts.models import User
from gptstore.jobs.lifecycle.delete_owner import delete_owner
from gptstore.jobs.models import Job, Status
from gptstore.releases.models import Decision
from gptstore.web.admin.base.audited import AuditedAdmin
from gptstore.web.admin.lists.keyset_admin import KeysetAdmin
from gptstore.web.admin.lists.search import begins, equals, is_of

MAX_COUNTED = 10_000
MAX_NAMED = 100

admin.site.unregister(Group)
admin.site.unregister(EmailAddress)


def of_address(text: str) -> Q | None:
    """Find the people of a mail address."""
    if "@" not in text:
        return None
    people = [*EmailAddress.objects.filter(email=text.lower()).values_list("user", flat=True)[:MAX_NAMED]]
    return Q(pk__in=people) if people else None


@admin.register(User)
class UserAdmin(DjangoUserAdmin, KeysetAdmin):  # type: ignore[misc]
    """The admin of people. Who deletes one is shown first how many runs and keys go with them.

    Whoever has decided about a release stays, since the decision does: deactivate the account instead.
    """

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    search_fields = ["username", "email"]
    search_help_text = _("The beginning of a user name, or a whole mail address")
    finders = (of_address, begins("username"))
    ordering = ["username"]
    sortable_by = ["username"]

    def get_deleted_objects(  # type: ignore[override]
        self, objs: Sequence[User] | QuerySet[User], request: HttpRequest
    ) -> tuple[list[str], dict[str, str], set[str], list[str]]:
        """Return what a deletion takes with it, as numbers.

        Django's own would load each run, and demand the right to delete runs by themselves, which nobody has.
        """
        people = [person.pk for person in objs]
        jobs = Job.objects.filter(owner__in=people).order_by()
        numbers = {
            str(User._meta.verbose_name_plural): intcomma(len(people)),
            str(Job._meta.verbose_name_plural): up_to_maximum(jobs),
            gettext("running jobs, which are canceled first"): up_to_maximum(jobs.filter(status=Status.RUNNING)),
            str(ApiKey._meta.verbose_name_plural): up_to_maximum(ApiKey.objects.filter(owner__in=people).order_by()),
        }
        decided = Decision.objects.filter(by__in=people).select_related("release__plugin", "by")[:MAX_NAMED]
        return [str(person) for person in objs[:MAX_NAMED]], numbers, set(), [str(one) for one in decided]

    def delete_one(self, row: User) -> None:
        delete_owner(row)

    @method_decorator(transaction.atomic)
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        return super().user_change_password(request, id, form_url)


def up_to_maximum(found: QuerySet[Any]) -> str:
    number = found[: MAX_COUNTED + 1].count()
    if number > MAX_COUNTED:
        return gettext("more than %(number)s") % {"number": intcomma(MAX_COUNTED)}
    return intcomma(number)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, AuditedAdmin):
    pass


@admin.register(ApiKey)
class ApiKeyAdmin(KeysetAdmin):
    """The admin of API keys. Admins see and can revoke them; making one is for its owner, who alone sees the secret."""

    list_display = ["name", "owner", "prefix", "created_at", "last_used_at", "revoked_at"]
    list_filter = [("owner", AutocompleteSelectFilter), ("revoked_at", admin.EmptyFieldListFilter)]
    leading_filters = ("owner",)
    list_select_related = ["owner"]
    search_fields = ["prefix", "owner__username"]
    search_help_text = _("A person’s user name, or the first characters of a key")
    finders = (is_of("owner", User, "username"), equals("prefix"))
    ordering = ["-id"]
    fields = readonly_fields = list_display
    actions = ["revoke_keys"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description=_("Revoke the chosen keys"), permissions=["change"])
    def revoke_keys(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        active = list(queryset.filter(revoked_at=None).select_related("owner"))
        for key in active:
            keys.revoke(key)
            self.note(request, "revoke", key, owner=key.owner.username)
        message = ngettext("%(count)d key revoked.", "%(count)d keys revoked.", len(active))
        self.message_user(request, message % {"count": len(active)})


@admin.register(EmailAddress)
class EmailAddressAdmin(AllauthAddressAdmin, KeysetAdmin):
    search_help_text = _("The beginning of a mail address; a person’s whole user name")
    finders = (is_of("user", User, "username"), begins("email"))
    list_select_related = ["user"]
    ordering = ["email"]
    sortable_by = ["email"]

    @admin.action(description=_("Mark the chosen addresses as verified"), permissions=["change"])
    def make_verified(self, request: HttpRequest, queryset: QuerySet[EmailAddress]) -> None:
        chosen = list(queryset.filter(verified=False))
        super().make_verified(request, queryset)
        for address in EmailAddress.objects.filter(pk__in=[one.pk for one in chosen], verified=True):
            self.note(request, "verify", address)
