from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from gptstore.accounts import keys
from gptstore.accounts.api_key import ApiKey
from gptstore.accounts.models import User
from gptstore.web.admin.lookups import CheckedLookups

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(CheckedLookups, DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class GroupAdmin(CheckedLookups, DjangoGroupAdmin, ModelAdmin):
    pass


@admin.register(ApiKey)
class ApiKeyAdmin(CheckedLookups, ModelAdmin):
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
