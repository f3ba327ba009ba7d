"""A page as a browser finds it: elements with their attributes, where its links lead, and what can be linked to."""

from html.parser import HTMLParser


class Html(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, attribute: str, *tags: str) -> list[str]:
        return [
            attributes[attribute]
            for tag, attributes in self.elements
            if attribute in attributes and (not tags or tag in tags)
        ]

    @property
    def links(self) -> list[str]:
        return [*self.values("href", "a"), *self.values("src", "img")]


def text_of(html: str) -> str:
    """Return the text of a page, with one space between words."""
    parser = Html("")
    pieces: list[str] = []
    parser.handle_data = pieces.append  # type: ignore[method-assign]
    parser.feed(html)
    return " ".join(" ".join(pieces).split())
