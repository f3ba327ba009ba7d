"""Resolves the links of a page: they work in the repository, next to the file, and on the site."""

import posixpath
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.urls import reverse

ROOT = "docs"
"""The name of the folder in the repository."""


@dataclass(frozen=True)
class Target:
    """The target of a link. url: its address on the site, "" for a file of the source code that is not served.

    title: of the page that it leads to. path: the file in the repository.
    """

    url: str
    title: str = ""
    path: str = ""


@dataclass(frozen=True)
class Links:
    """The targets of links. titles: of all pages, by their names. images: all names, relative to docs/images."""

    titles: Mapping[str, str]
    images: Collection[str]

    def resolve(self, href: str, file: str) -> Target:
        """Find the target of `href` in the page of `file`, a path relative to docs/ such as `decisions/README.md`."""
        parts = urlsplit(href)
        if parts.scheme or parts.netloc or href.startswith(("#", "/")):
            return Target(href)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file), parts.path))
        if (name := page_name(path)) in self.titles:
            fragment = f"#{parts.fragment}" if parts.fragment else ""
            return Target(page_url(name) + fragment, self.titles[name], path)
        if path.removeprefix("images/") in self.images:
            return Target(reverse("docs:image", args=[path.removeprefix("images/")]), path=path)
        return Target("", path=posixpath.normpath(posixpath.join(ROOT, path)))


def page_name(file: str) -> str:
    """Return the name by which a file is served: `models.md` → `models`, `decisions/README.md` → `decisions`."""
    return file.removesuffix(".md").removesuffix("/README")


def page_url(name: str) -> str:
    return reverse("docs:page", args=[name])
