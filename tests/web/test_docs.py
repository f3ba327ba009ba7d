"""The documentation on the site: every page of docs/ can be read there, found, and walked through."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from django.test import Client

from gptstore.web.docs import views
from gptstore.web.docs.contents import DECISIONS, READERS
from gptstore.web.docs.library import Library, find_folder, library, read_library
from gptstore.web.docs.links import page_name
from gptstore.web.docs.search import search
from harness.rows import make_job, make_tool, make_user
from tests.web.html import Html

pytestmark = pytest.mark.django_db

DOCS = Path(__file__).parents[2] / "docs"
FILES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
PAGES = [f"/docs/{page_name(file)}/" for file in FILES]
ADDRESSES = ["/", "/?q=zzzz", "/tools/shout/", "/model/", "/nowhere", "/api/docs", "/account/", "/runs/{}/"]
IN_CHINESE = {"accept-language": "zh-CN"}
PIXEL = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def shelve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Library]:
    """Puts pages into a folder and onto the site: `shelve({"a.md": "# A"})`."""

    def put(files: dict[str, str]) -> Library:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        shelf = read_library(tmp_path)
        monkeypatch.setattr(views, "library", lambda: shelf)
        return shelf

    return put


@pytest.fixture
def without_docs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "library", lambda: read_library(None))


@pytest.fixture(scope="module")
def ids() -> dict[str, set[str] | None]:
    """What can be linked to on the pages that were looked at, None for those that are not there."""
    return {}


def read(client: Client, address: str) -> Html:
    return Html(client.get(address).content.decode())


class TestPages:
    @pytest.mark.parametrize("address", ["/docs/", *PAGES])
    def test_every_link_leads_somewhere_and_every_anchor_is_there(
        self, client: Client, ids: dict[str, set[str] | None], address: str
    ) -> None:
        page = read(client, address)
        broken = []
        for link in page.links:
            target, anchor = urldefrag(link)
            if link.startswith("https://"):
                continue
            where = target or address
            if where not in ids:
                response = client.get(where)
                ids[where] = set(Html(response.content.decode()).values("id")) if response.status_code == 200 else None
            found = ids[where]
            if found is None or (anchor and unquote(anchor) not in found):
                broken.append(link)
        assert broken == []

    @pytest.mark.parametrize("address", PAGES)
    def test_a_page_has_one_title_english_text_a_table_of_contents_and_no_id_twice(
        self, client: Client, address: str
    ) -> None:
        page = read(client, address)
        assert [tag for tag, _ in page.elements].count("h1") == 1
        assert ("article", {"class": "docs-article", "lang": "en"}) in page.elements
        assert len(set(page.values("id"))) == len(page.values("id"))
        headings = [attributes["id"] for tag, attributes in page.elements if tag in ("h2", "h3") and "id" in attributes]
        assert set(page.values("href")) >= {f"#{anchor}" for anchor in headings if anchor != "docs-toc"}

    @pytest.mark.parametrize("address", ["/docs/", "/docs/?q=token", "/docs/no-such-page/", *PAGES])
    def test_no_page_needs_a_wider_content_policy(self, client: Client, address: str) -> None:
        response = client.get(address)
        page = Html(response.content.decode())
        assert "unsafe" not in response["Content-Security-Policy"]
        assert page.values("style") == []
        assert [attributes for tag, attributes in page.elements if tag == "script" and not attributes.get("src")] == []
        assert [name for _, attributes in page.elements for name in attributes if name.startswith("on")] == []

    def test_a_page_is_found_under_the_name_of_its_file_too(self, client: Client) -> None:
        assert client.get("/docs/models.md", follow=True).redirect_chain[-1] == ("/docs/models/", 301)
        response = client.get("/docs/decisions/README.md/", follow=True)
        assert response.redirect_chain[-1] == ("/docs/decisions/", 301)

    def test_one_walks_through_all_pages_by_next_and_back_by_previous(self, client: Client) -> None:
        def follow(relation: str, address: str) -> Iterator[str]:
            while address:
                yield address
                links = [attributes for _, attributes in read(client, address).elements]
                address = next((link["href"] for link in links if link.get("rel") == relation), "")

        pages = [page.url for page in library().pages.values()]
        assert list(follow("next", pages[0])) == pages
        assert list(follow("prev", pages[-1])) == pages[::-1]

    def test_a_page_that_is_not_there_offers_a_search_for_its_name(self, client: Client) -> None:
        response = client.get("/docs/decisions/sampling-speed/")
        page = Html(response.content.decode())
        assert response.status_code == 404
        assert ("form", "/docs/") in [(tag, attributes.get("action")) for tag, attributes in page.elements]
        assert "decisions sampling speed" in page.values("value", "input")

    @pytest.mark.parametrize("address", ["/docs/../settings.py", "/docs/images/../api.md", "/docs/images/none.png"])
    def test_nothing_but_pages_and_images_is_served(self, client: Client, address: str) -> None:
        assert client.get(address, follow=True).status_code == 404

    def test_only_reading_is_allowed(self, client: Client) -> None:
        assert {client.post(address).status_code for address in ("/docs/", "/docs/api/")} == {405}


class TestIndex:
    def test_it_names_every_page_with_its_purpose(self, client: Client) -> None:
        page = read(client, "/docs/")
        assert set(PAGES) <= set(page.links)
        described = {name for group in READERS for name in group.sentences}
        assert described == {page_name(file) for file in FILES if not file.startswith(DECISIONS)}

    def test_what_nobody_described_stands_under_more(self, client: Client, shelve: Callable[..., Library]) -> None:
        shelve({"api.md": "# The API", "new.md": "# Something new"})
        assert re.search(r"More\s+Something new", read(client, "/docs/").text)

    def test_readers_of_chinese_get_a_chinese_frame_around_english_pages(self, client: Client) -> None:
        index = client.get("/docs/", headers=IN_CHINESE).content.decode()
        page = client.get("/docs/models/", headers=IN_CHINESE).content.decode()
        assert '<html lang="zh-hans">' in index
        assert "编写工具" in index
        assert '<a href="/docs/models/" lang="en">Models</a>' in index
        assert "本页内容" in page
        assert '<article class="docs-article" lang="en">' in page


class TestRendering:
    @pytest.fixture
    def page(self, client: Client, shelve: Callable[..., Library]) -> Callable[[str], str]:
        def draw(markdown: str) -> str:
            shelve({"decisions/a.md": markdown, "decisions/README.md": "# Why", "api.md": "# The API\n\n## A key"})
            return client.get("/docs/decisions/a/").content.decode()

        return draw

    @pytest.mark.parametrize(
        ("markdown", "html"),
        [
            ("[key](../api.md#a-key)", '<a href="/docs/api/#a-key">key</a>'),
            ("[api.md](../api.md)", '<a href="/docs/api/">The API</a>'),
            ("[all](README.md), [all](.)", '<a href="/docs/decisions/">all</a>, <a href="/docs/decisions/">all</a>'),
            ("[web](https://a.example/b)", '<a href="https://a.example/b">web</a>'),
            ("[here](#b)", '<a href="#b">here</a>'),
            (
                "[the code](../../worker/process/heartbeat.py)",
                '<span class="source">the code <code>worker/process/heartbeat.py</code></span>',
            ),
            ("[`plugins/`](../../plugins)", '<span class="source"><code>plugins/</code></span>'),
        ],
    )
    def test_links_lead_to_pages_and_files_of_the_code_are_named(
        self, page: Callable[[str], str], markdown: str, html: str
    ) -> None:
        assert html in page(f"# A\n\n{markdown}")

    def test_headings_are_anchors_as_in_the_repository(self, page: Callable[[str], str]) -> None:
        html = page("# A\n\n## `ctx`: what it's for?\n\n### Same\n\n### Same")
        assert [value for value in Html(html).values("id") if not value.startswith(("docs-", "main"))] == [
            "ctx-what-its-for", "same", "same-1",
        ]  # fmt: skip
        assert html.count('href="#ctx-what-its-for"') == 3, "in both tables of contents, and itself"

    def test_code_is_highlighted_below_the_name_of_its_file(self, page: Callable[[str], str]) -> None:
        html = page('# A\n\n```python title="x.py"\ndef f(): ...\n```\n\n    a <b>')
        assert '<p class="code-name">x.py</p><pre class="highlight"><code><span class="k">def</span>' in html
        assert "<code>a &lt;b&gt;\n</code>" in html

    def test_tables_can_be_scrolled_and_numbers_stand_at_their_end(self, page: Callable[[str], str]) -> None:
        html = page("# A\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |")
        assert '<div class="table-wrap"><table>' in html
        assert '<td class="number">2</td>' in html

    @pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<p onclick='x()'>a</p>", "[a](javascript:x)"])
    def test_what_could_run_is_left_out(self, page: Callable[[str], str], text: str) -> None:
        html = page(f"# A\n\n{text}")
        assert "alert(1)" not in html
        assert "x()" not in html
        assert 'href="javascript:' not in html

    def test_folded_passages_stay_and_comments_go(self, page: Callable[[str], str]) -> None:
        html = page("# A\n\n<!-- made by a script -->\n\n<details><summary>more</summary>text</details>")
        assert "<details><summary>more</summary>text</details>" in html
        assert "made by a script" not in html

    def test_images_are_shown_and_served(self, client: Client, tmp_path: Path, shelve: Callable[..., Library]) -> None:
        (tmp_path / "images").mkdir()
        (tmp_path / "images" / "run.png").write_bytes(PIXEL)
        shelve({"api.md": "# The API\n\n![A run](images/run.png)"})

        assert '<img src="/docs/images/run.png" alt="A run">' in client.get("/docs/api/").content.decode()
        response = client.get("/docs/images/run.png")
        assert (response.content, response["Content-Type"]) == (PIXEL, "image/png")
        assert "max-age" in response["Cache-Control"]


class TestSearch:
    @pytest.fixture
    def shelf(self, shelve: Callable[..., Library]) -> Library:
        return shelve(
            {
                "api.md": "# The API\n\nIt can cancel a run.\n\n## Keys\n\nA key of \\<yours>.",
                "models.md": "# Models\n\n## Cancel\n\nStop it.\n\n## Size\n\nMemory of a GPU. Set `GPTSTORE_MODEL`.",
                "hooks.md": "# Cancel and hooks\n\nA run, a hook, a GPU.",
            }
        )

    def found(self, shelf: Library, query: str) -> list[str]:
        return [found.page.name for found in search(shelf, query)]

    def test_titles_come_before_headings_and_headings_before_text(self, shelf: Library) -> None:
        assert self.found(shelf, "cancel") == ["hooks", "models", "api"]

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("run gpu", ["hooks"]),
            ("RUN  cancel", ["hooks", "api"]),
            ("mem", ["models"]),
            ("emory", []),
            ("gptstore_mod", ["models"]),
            ("“size”, gpu.", ["models"]),
            ("run zebra", []),
            ("?! *", []),
            ("(", []),
            (".*", []),
        ],
    )
    def test_a_page_has_all_words_or_words_that_begin_like_them(
        self, shelf: Library, query: str, names: list[str]
    ) -> None:
        assert self.found(shelf, query) == names

    def test_a_hit_leads_to_its_section_and_marks_the_words(self, client: Client, shelf: Library) -> None:
        html = client.get("/docs/?q=key+yours").content.decode()
        assert '<a href="/docs/api/#keys"><mark>Key</mark>s</a>' in html
        assert "<p>A <mark>key</mark> of &lt;<mark>yours</mark>&gt;.</p>" in html

    def test_a_long_text_is_cut_around_what_was_found(self, shelve: Callable[..., Library]) -> None:
        text = "word " * 200 + "needle near thread " + "word " * 200 + "needle "
        shelf = shelve({"api.md": f"# The API\n\n{text}"})
        ((hit,),) = [found.hits for found in search(shelf, "thread needle")]
        assert "<mark>needle</mark> near <mark>thread</mark>" in hit.snippet
        assert hit.snippet.startswith("… word")
        assert len(hit.snippet) < 300

    def test_nothing_found_says_so_and_shows_the_way_back(self, client: Client) -> None:
        page = read(client, "/docs/?q=%3Cb%3Ezebra")
        assert "Nothing about “<b>zebra”" in page.text
        assert "<b>zebra" in page.values("value", "input")
        assert "/docs/" in page.links

    @pytest.mark.parametrize("query", ["", "%00", "a" * 5000, "%20", "%F0%9F%92%A9", "a " * 2000])
    def test_any_query_is_answered(self, client: Client, query: str) -> None:
        assert client.get(f"/docs/?q={query}").status_code == 200

    def test_what_operators_type_is_found(self, client: Client) -> None:
        assert "/docs/settings/" in read(client, "/docs/?q=redis_url").links
        assert "/docs/models/" in read(client, "/docs/?q=bfloat16+gpu").links


class TestFreshness:
    def test_a_page_is_not_sent_twice_to_the_same_visitor(self, client: Client) -> None:
        client.get("/docs/api/")  # sets the cookie of the forms in the footer
        etag = client.get("/docs/api/")["ETag"]
        again = client.get("/docs/api/", headers={"if-none-match": etag})
        assert (again.status_code, again.content) == (304, b"")
        assert "no-cache" in again["Cache-Control"]

    def test_it_is_sent_anew_to_who_signed_in_or_reads_another_language(self, client: Client) -> None:
        client.get("/docs/api/")
        known = {"if-none-match": client.get("/docs/api/")["ETag"]}
        assert client.get("/docs/api/", headers={**known, **IN_CHINESE}).status_code == 200
        client.force_login(make_user("ada"))
        assert client.get("/docs/api/", headers=known).status_code == 200


class TestWithoutTheFolder:
    def test_the_site_says_that_it_came_without(self, client: Client, without_docs: None) -> None:
        index, page = client.get("/docs/"), client.get("/docs/api/")
        assert (index.status_code, page.status_code) == (200, 404)
        for response in (index, page):
            assert "came without its documentation" in response.content.decode()
        assert client.get("/docs/images/run.png").status_code == 404

    def test_a_folder_of_somebody_else_is_not_taken_for_ours(self, tmp_path: Path) -> None:
        ours, theirs = tmp_path / "ours", tmp_path / "theirs"
        for folder, name in ((ours, "writing-a-tool.md"), (theirs, "index.md")):
            folder.mkdir()
            (folder / name).write_text("# A")
        assert find_folder([tmp_path / "none", theirs, ours]) == ours
        assert find_folder([theirs]) is None


class TestWaysIn:
    @pytest.mark.parametrize("address", ADDRESSES)
    def test_no_page_names_a_file_and_its_links_into_the_docs_lead_somewhere(
        self, client: Client, address: str
    ) -> None:
        ada, tool = make_user("ada"), make_tool("shout")
        job = make_job(ada, tool, status="failed", error_code="timeout")
        client.force_login(ada)
        page = read(client, address.format(job.id))
        assert "/docs/" in page.links, "in the footer"
        assert re.findall(r"docs/[\w-]+\.md|README|\w+\.md\b", page.text) == []
        for link in (link for link in page.links if link.startswith("/docs/")):
            target, anchor = urldefrag(link)
            assert not anchor or anchor in read(client, target).values("id"), link
            assert client.get(target).status_code == 200, link

    def test_the_api_leads_to_its_guide(self, client: Client) -> None:
        assert client.get("/api/v1/openapi.json").json()["externalDocs"]["url"] == "/docs/api/"
        assert "/docs/api/" in read(client, "/api/docs").links

    def test_a_failed_run_leads_to_what_its_error_means(self, client: Client) -> None:
        ada = make_user("ada")
        job = make_job(ada, make_tool("shout"), status="failed", error_code="timeout")
        client.force_login(ada)
        assert "/docs/api/#why-a-job-failed" in read(client, f"/runs/{job.id}/").links
