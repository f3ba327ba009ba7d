"""Reads what a person sees of Markdown: the HTML that the site makes of it, as text."""

from html.parser import HTMLParser

from gptstore.sdk.render.markdown import render_markdown


class Page(HTMLParser):
    """The text of HTML with its line breaks, and the names of its tags."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self._pieces: list[str] = []
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        return "".join(self._pieces).replace("<br>\n", "\n").removesuffix("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "br":
            self._pieces.append("<br>")

    def handle_data(self, data: str) -> None:
        self._pieces.append(data)


def render(markdown: str) -> Page:
    return Page(render_markdown(markdown, lambda code, label: code))
