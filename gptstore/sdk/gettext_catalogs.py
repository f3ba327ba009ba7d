"""The translations that a plugin's package has as gettext catalogs: `locale/zh_Hans/LC_MESSAGES/gptstore.mo`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from gettext import GNUTranslations
from pathlib import Path

from gptstore.sdk.errors import PluginError
from gptstore.sdk.texts import Translations

DOMAIN = "gptstore"


def read_catalogs(module: str | None, texts: Sequence[str]) -> Translations:
    """Return the translations of these texts from the package of this module, by language.

    Raises PluginError for a catalog that cannot be read.
    """
    found: Translations = {}
    for language, path in _catalogs(module):
        try:
            with path.open("rb") as file:
                catalog = GNUTranslations(file)
        except (OSError, ValueError, LookupError) as error:
            raise PluginError(f"{path} is no gettext catalog: {error}; make it with msgfmt") from None
        translated = {text: catalog.gettext(text) for text in texts if text}
        if changed := {text: other for text, other in translated.items() if other != text}:
            found[language] = changed
    return found


def _catalogs(module: str | None) -> Iterator[tuple[str, Path]]:
    """Yield the language and the file of each catalog in the package; a module beside others has none."""
    package = sys.modules.get((module or "").partition(".")[0])
    for folder in getattr(package, "__path__", []):
        for path in sorted(Path(folder, "locale").glob(f"*/LC_MESSAGES/{DOMAIN}.mo")):
            yield path.parts[-3].replace("_", "-"), path
