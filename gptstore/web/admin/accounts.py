from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from gptstore.accounts import keys
from gptstore.accounts.api_key import ApiKey
from gptstore.accounts.models import User
from gptstore.jobs.lifecycle.delete_owner import delete_owner
from gptstore.jobs.models import Job, Status

MAX_COUNTED = 10_000
MAX_NAMED = 100

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """The admin of people. Who deletes one is shown first how many runs and keys go with them."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm

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
        return [str(person) for person in objs[:MAX_NAMED]], numbers, set(), []

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        delete_owner(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            delete_owner(person)


def up_to_maximum(found: QuerySet[Any]) -> str:
    number = found[: MAX_COUNTED + 1].count()
    if number > MAX_COUNTED:
        return gettext("more than %(number)s") % {"number": intcomma(MAX_COUNTED)}
    return intcomma(number)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    pass


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    """The admin of API keys. Admins see and can revoke them; making one is for its owner, who alone sees the secret."""

    list_display = ["name", "owner", "prefix", "created_at", "last_used_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["owner"]
    search_fields = ["name", "prefix", "owner__username"]
    fields = readonly_fields = list_display
    actions = ["revoke_keys"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description=_("Revoke the chosen keys"), permissions=["change"])
    def revoke_keys(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        active = list(queryset.filter(revoked_at=None))
        for key in active:
            keys.revoke(key)
        message = ngettext("%(count)d key revoked.", "%(count)d keys revoked.", len(active))
        self.message_user(request, message % {"count": len(active)})
