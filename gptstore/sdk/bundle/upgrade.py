"""An upgrade of a plugin's release, which is confirmed or rolled back once workers have tried it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gptstore.sdk.bundle.errors import ReleaseFolderError
from gptstore.sdk.bundle.release_key import release_key
from gptstore.sdk.bundle.rollback import Kept


@dataclass(frozen=True)
class Upgrade:
    """A release that has taken the place of others. before: these, such as "acme-tool 1.2.0".

    kept: they, until it is sure; None where there is nothing to put back.
    """

    folder: Path
    before: str = ""
    kept: Kept | None = None

    @property
    def key(self) -> str:
        return release_key(self.folder)

    def confirm(self) -> None:
        """Delete what was replaced. Raises ReleaseFolderError."""
        self.settle(Kept.forget)

    def roll_back(self) -> None:
        """Put back what was replaced, in place of the new release. Raises ReleaseFolderError."""
        self.settle(Kept.roll_back)

    def settle(self, action: Callable[[Kept], object]) -> None:
        try:
            if self.kept is not None:
                action(self.kept)
        except OSError as error:
            raise ReleaseFolderError(f"{self.folder.parent} cannot be changed: {error.strerror}.") from None
