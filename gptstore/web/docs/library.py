"""The documentation, read and rendered once when a web process starts. Without its folder it is empty."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from django.utils.safestring import SafeString

from gptstore.env import BASE_DIR
from gptstore.web.docs.contents import Group, arrange
from gptstore.web.docs.links import ROOT, Links, page_name, page_url
from gptstore.web.docs.render import render_page
from gptstore.web.docs.sections import Section

PLACES = (Path(__file__).parent / "text", BASE_DIR / ROOT)
"""The folder in the installed package; the checkout's, where its file system has no links."""

KNOWN = "writing-a-tool.md"
"""The page by which our folder is known: `docs` may be anybody's."""


@dataclass(frozen=True)
class Page:
    name: str
    title: str
    html: SafeString
    sections: tuple[Section, ...]

    @property
    def url(self) -> str:
        return page_url(self.name)

    @property
    def headings(self) -> list[Section]:
        """Return the sections that the table of contents lists."""
        return [section for section in self.sections if section.level in (2, 3)]


@dataclass(frozen=True)
class Library:
    """The pages and images. pages: by their names, in reading order. images: by their paths below docs/images."""

    pages: dict[str, Page] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    images: dict[str, Path] = field(default_factory=dict)

    def around(self, name: str) -> tuple[Page | None, Page | None]:
        """Return the pages before and after this one."""
        names = list(self.pages)
        place = names.index(name)
        before = self.pages[names[place - 1]] if place else None
        after = self.pages[names[place + 1]] if place + 1 < len(names) else None
        return before, after


@cache
def library() -> Library:
    return read_library(find_folder(PLACES))


def find_folder(places: Iterable[Path]) -> Path | None:
    return next((place for place in places if (place / KNOWN).is_file()), None)


def read_library(folder: Path | None) -> Library:
    """Read every Markdown file below `folder` and render it; None gives an empty library."""
    if folder is None:
        return Library()
    files = {page_name(file): file for file in relative_paths(folder, "**/*.md")}
    texts = {name: (folder / file).read_text(encoding="utf-8") for name, file in files.items()}
    titles = {name: title_of(text, name) for name, text in texts.items()}
    images = {name: folder / "images" / name for name in relative_paths(folder / "images", "**/*.png")}
    links = Links(titles, images)
    groups = arrange(files)
    pages = {}
    for name in (name for group in groups for name in group.sentences):
        rendered = render_page(texts[name], partial(links.resolve, file=files[name]))
        pages[name] = Page(name, titles[name], rendered.html, rendered.sections)
    return Library(pages, groups, images)


def relative_paths(folder: Path, pattern: str) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.glob(pattern))


def title_of(text: str, name: str) -> str:
    first = text.partition("\n")[0]
    return first.removeprefix("# ").strip() if first.startswith("# ") else name
