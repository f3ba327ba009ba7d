"""Brings the translations of the built-in plugins up to date with their texts: `python -m scripts.plugin_messages`.

What is no text of a tool any more is removed; a new one has an empty translation until somebody writes it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import polib

from gptstore.sdk.gettext_catalogs import DOMAIN
from gptstore.sdk.plugins import LoadedPlugin, load_plugins

LANGUAGE = "zh_Hans"
PLUGINS = Path(__file__).parents[1] / "plugins"
METADATA = {"Language": LANGUAGE, "Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit"}


def catalog_of(plugin: LoadedPlugin) -> Path:
    """Return the readable catalog of a plugin; the compiled one stands beside it."""
    [folder] = sys.modules[plugin.module.partition(".")[0]].__path__
    return Path(folder, "locale", LANGUAGE, "LC_MESSAGES", f"{DOMAIN}.po")


def texts_of(plugin: LoadedPlugin) -> Iterator[str]:
    for tool in plugin.tools:
        yield from (text for text in tool.texts() if text)


def update(path: Path, texts: list[str]) -> polib.POFile:
    """Return the catalog with these texts in their order, and the translations that it had."""
    known = {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))} if path.exists() else {}
    catalog = polib.POFile(wrapwidth=120)
    catalog.metadata = METADATA
    catalog.extend(polib.POEntry(msgid=text, msgstr=known.get(text, "")) for text in dict.fromkeys(texts))
    return catalog


def main() -> None:
    names = {f"gptstore-{folder.name.replace('_', '-')}" for folder in PLUGINS.iterdir()}
    for plugin in load_plugins(names=names).plugins:
        path = catalog_of(plugin)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalog = update(path, [*texts_of(plugin)])
        catalog.save(str(path))
        catalog.save_as_mofile(str(path.with_suffix(".mo")))
        print(f"{path}: {len(catalog.untranslated_entries())} of {len(catalog)} texts are not translated")


if __name__ == "__main__":
    main()
