"""The accounts of people."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager

from gptstore.accounts.api_key import ApiKey
from gptstore.accounts.names import SkeletonField, check_name

__all__ = ["ApiKey", "User"]


class NamedUserManager(UserManager["User"]):
    """Checks the names of new accounts, those of `createsuperuser` too."""

    use_in_migrations = False

    def _create_user_object(self, username: str, *args: Any, **kwargs: Any) -> "User":
        user: User = super()._create_user_object(username, *args, **kwargs)  # type: ignore[misc]
        check_name(user.username)
        return user


class User(AbstractUser):
    """A person who signs in; owns jobs and API keys."""

    skeleton = SkeletonField()

    objects: ClassVar[NamedUserManager] = NamedUserManager()

    def clean(self) -> None:
        """Check a name that is new or changed, in the admin's forms. An earlier name may stay."""
        super().clean()
        if self.username and not User.objects.filter(pk=self.pk, username=self.username).exists():
            check_name(self.username, of=self)
