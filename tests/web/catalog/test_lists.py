"""The home of a large catalogue, and the pages of categories, tags and publishers."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.catalog.lists import PAGE
from gptstore.catalog.models import Category, Tool, Visibility
from gptstore.catalog.tags import keep_tags
from gptstore.catalog.tool_counts import keep_tool_counts
from gptstore.jobs.models import Worker
from gptstore.releases.models import Plugin, Release, ReleaseStatus, Trust
from gptstore.web.catalog.storefront import CARDS, FEW
from harness.rows import TEXT_SCHEMA, make_job, make_tool
from tests.web.html import Html

pytestmark = pytest.mark.django_db

MAX_QUERIES = 12
MAX_SEARCH_QUERIES = 16
"""A search looks at one level of how well tools fit after the other, until a page is full."""
MAX_BYTES = 100_000


def make_tools(count: int, category: str = "writing", **values: object) -> list[Tool]:
    """Make tools, the first ones run more often than the later ones, with kept numbers."""
    found, _created = Category.objects.get_or_create(slug=category, defaults={"title": category.title()})
    tools = [
        Tool(
            **{
                "slug": f"{category}-{number}",
                "title": f"{category.title()} {number:03}",
                "summary": "Does something with a text.",
                "category": found,
                "input_schema": TEXT_SCHEMA,
                "author": "Ada & Co",
                "plugin": f"acme-{number}",
                "version": "1.0",
                "runs_week": 1000 - number,
                "tags": ["loud", "été"],
                **values,
            }
        )
        for number in range(count)
    ]
    made: list[Tool] = Tool.objects.bulk_create(tools)
    keep_tags(made)
    keep_tool_counts()
    return made


def titles(page: str) -> list[str]:
    """Return the titles of the cards of a page."""
    return [part.split("</a>")[0].rpartition(">")[2] for part in page.split('<h3 dir="auto">')[1:]]


def read(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    page: str = response.content.decode()
    return page


def next_of(page: str) -> str:
    """Return the address of the next page as its link has it, or ""."""
    found = [attributes for tag, attributes in Html(page).elements if tag == "a" and attributes.get("rel") == "next"]
    return found[0]["href"] if found else ""


def walk(client: Client, address: str) -> list[str]:
    """Return the titles of all pages of a list, by its links without JavaScript."""
    found, page = [], read(client, address)
    while True:
        found += titles(page)
        if not (following := next_of(page)):
            return found
        assert f'<link rel="next" href="{following.replace("&", "&amp;")}">' in page
        page = read(client, address.partition("?")[0] + following)


def test_a_few_tools_are_all_at_home_and_none_is_there_twice(client: Client) -> None:
    make_tools(FEW - 1)
    make_tool("one", category="code", featured_position=1, runs_week=9)
    keep_tool_counts()
    page = read(client, "/")
    assert len(titles(page)) == len(set(titles(page))) == FEW
    assert "Trending" not in page
    assert f"{FEW} tools" in page


def test_the_home_of_many_tools_shows_what_is_worth_a_look(client: Client) -> None:
    make_tools(30)
    make_tools(5, "code")
    for position, slug in enumerate(["writing-20", "code-3"]):
        Tool.objects.filter(slug=slug).update(featured_position=position)
    page = read(client, "/")
    sections = {part.split("</h2>")[0].rpartition(">")[2]: titles(part) for part in page.split("<section")[1:]}
    assert sections["Featured"] == ["Writing 020", "Code 003"]
    assert sections["Trending"][:3] == ["Code 000", "Writing 000", "Code 001"]
    assert sections["New"][0] == "Code 004"
    assert sections["Writing"] == [f"Writing {number:03}" for number in range(CARDS)]
    assert len(sections["Code"]) == 5
    assert "Your tools" not in sections
    assert '<a class="all-of-it" href="/categories/writing/">All 30 tools in Writing →</a>' in page
    assert "tools in Code" not in page
    assert "35 tools" in page


def test_who_is_signed_in_finds_the_tools_that_they_ran_last(client: Client, ada: User, bob: User) -> None:
    make_tools(30)
    client.force_login(ada)
    for owner, slug in (
        (ada, "writing-7"),
        (ada, "writing-9"),
        (ada, "writing-7"),
        (ada, "writing-8"),
        (bob, "writing-3"),
    ):
        make_job(owner, Tool.objects.get(slug=slug))
    Tool.objects.filter(slug="writing-8").update(visibility=Visibility.HIDDEN)
    yours = read(client, "/").split("<section")[1]
    assert "Your tools" in yours
    assert titles(yours) == ["Writing 007", "Writing 009"]


def test_many_categories_show_fewer_tools_each_and_the_others_are_links(client: Client) -> None:
    for number in range(10):
        make_tools(7, f"group{number}")
    page = read(client, "/")
    assert page.count("tools in Group") == 8
    assert page.count("<section") == 2 + 8  # trending, new
    assert '<a href="/categories/group9/"><span dir="auto">Group9</span>' in page


@pytest.mark.parametrize(
    ("sort", "first"),
    [("", "Writing 000"), ("?sort=new", "Writing 059"), ("?sort=title", "Writing 000"), ("?sort=x", "Writing 000")],
)
def test_a_category_is_read_page_by_page(client: Client, sort: str, first: str) -> None:
    make_tools(60)
    make_tools(3, "code")
    found = walk(client, f"/categories/writing/{sort}")
    assert found[0] == first
    assert sorted(found) == [f"Writing {number:03}" for number in range(60)]
    page = read(client, f"/categories/writing/{sort}")
    assert len(titles(page)) == PAGE
    assert "60 tools" in page
    assert "<title>Writing · gptstore</title>" in page


def test_htmx_gets_the_next_cards_alone_and_the_first_of_them_is_focused(client: Client) -> None:
    make_tools(60)
    following = next_of(read(client, "/categories/writing/"))
    part = read(client, f"/categories/writing/{following}", **{"HX-Request": "true"})
    assert "<html" not in part
    assert len(titles(part)) == PAGE
    assert part.count("autofocus") == 1
    assert part.index("autofocus") < part.index("Writing 024")
    assert next_of(part)
    last = read(client, f"/categories/writing/{next_of(part)}", **{"HX-Request": "true"})
    assert (len(titles(last)), next_of(last)) == (60 - 2 * PAGE, "")
    assert "HX-Request" in client.get("/categories/writing/")["Vary"]


def test_a_category_without_tools_says_so(client: Client) -> None:
    Category.objects.create(slug="empty", title="Empty")
    assert "No tools here yet" in read(client, "/categories/empty/")
    assert client.get("/categories/none/").status_code == 404


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/tags/loud/", "Tag: loud"),
        (f"/tags/{quote('été')}/", "Tag: été"),
        (f"/publishers/{quote('Ada & Co')}/", "Publisher: Ada &amp; Co"),
    ],
)
def test_tags_and_publishers_have_pages(client: Client, address: str, title: str) -> None:
    make_tools(30)
    make_tool("other", tags=["quiet"], author="Bob")
    page = read(client, address)
    assert f"<title>{title} · gptstore</title>" in page
    assert "30 tools" in page
    assert sorted(walk(client, address)) == [f"Writing {number:03}" for number in range(30)]


def test_names_with_slashes_have_pages_too(client: Client) -> None:
    keep_tags([make_tool("one", tags=["a/b c?"], author="Ada/Bob #1")])
    tool_page = Html(read(client, "/tools/one/"))
    for address in ("/tags/a/b%20c%3F/", "/publishers/Ada/Bob%20%231/"):
        assert address in tool_page.links
        assert titles(read(client, address)) == ["One"]


def test_a_name_that_no_address_can_hold_is_no_link(client: Client) -> None:
    keep_tags([make_tool("one", tags=["a\nb"], author="Ada\nBob")])
    assert "Ada\nBob" in read(client, "/tools/one/")


@pytest.mark.parametrize(
    "address",
    [
        "/tags/none/",
        "/tags/%00/",
        "/publishers/none/",
        "/publishers/%00/",
        "/categories/writing/?after=x",
        "/tags/loud/?after=x",
        "/publishers/Ada%20%26%20Co/?after=x",
        "/?q=writing&after=x",
    ],
)
def test_where_nothing_is_nothing_is_found(client: Client, address: str) -> None:
    make_tools(2)
    assert client.get(address).status_code == 404


def test_lists_show_to_each_what_they_may_see(client: Client, ada: User) -> None:
    make_tools(30)
    for visibility in Visibility.values:
        slug = f"one-{visibility.replace('_', '-')}"
        keep_tags([make_tool(slug, visibility=visibility, author="Ada & Co", tags=["loud"])])
    group = Group.objects.create(name="insiders")
    Tool.objects.get(slug="one-groups").groups.add(group)
    keep_tool_counts()
    lists = ("/categories/writing/?sort=new", "/tags/loud/", "/publishers/Ada%20%26%20Co/?sort=new", "/?q=one")

    def seen(address: str) -> set[str]:
        return {title for title in titles(read(client, address)) if title.startswith("One")}

    assert all(seen(address) == {"One public"} for address in ("/", *lists))
    client.force_login(ada)
    assert all(seen(address) == {"One public", "One signed in"} for address in ("/", *lists))
    ada.groups.add(group)
    assert all(seen(address) == {"One public", "One signed in", "One groups"} for address in ("/", *lists))


def make_release(tool: Tool, trust: Trust = Trust.VERIFIED, risk: int = 1, *rights: dict[str, str]) -> Release:
    plugin = Plugin.objects.create(name=tool.plugin, trust=trust)
    values = {"size": 1, "manifest": {"tools": []}, "lock": "", "sbom": "{}", "status": ReleaseStatus.APPROVED}
    key = f"{tool.plugin}@1"
    release = Release.objects.create(
        plugin=plugin, version="1", key=key, sha256=key.rjust(64, "0"), rights=list(rights), risk=risk, **values
    )
    Tool.objects.filter(pk=tool.pk).update(release=key)
    return release


def report(name: str, **releases: str) -> None:
    values = {"model": "m", "parameters": 1, "context_length": 1, "device": "cpu", "last_seen_at": timezone.now()}
    Worker.objects.create(name=name, releases=releases, **values)


def test_a_card_says_what_one_should_know_and_nothing_where_all_is_as_usual(client: Client) -> None:
    calm, wild = make_tools(2)
    make_release(calm)
    network = {"kind": "network", "tool": wild.slug, "limit": "", "value": ""}
    make_release(wild, Trust.UNVERIFIED, 6, network)
    for number in range(4):
        report(f"w{number}", **{"acme-0@1": "", **({"acme-1@1": ""} if number else {})})
    first, second = read(client, "/").split('<article class="card">')[1:]
    assert "card-notes" not in first
    assert "Verified" in first
    notes = second.split('class="card-notes"')[1].split("</ul>")[0]
    assert [
        line in notes
        for line in ("Unverified publisher", "Reaches the network", "Risk 6 of 10", "Ready on 3 of 4 workers")
    ] == [True] * 4
    assert "Verified<" not in second


def test_the_rights_of_an_installed_tool_are_said_too(client: Client) -> None:
    schema = {"properties": {"key": {"type": "string", "writeOnly": True}}}
    make_tools(1, network=True, settings_schema=schema)
    page = read(client, "/")
    assert "<li>Reaches the network</li><li>Is given secrets</li>" in page
    assert "Unverified" not in page


@pytest.mark.parametrize("signed_in", [False, True])
def test_each_page_is_small_and_asks_little_of_the_database(
    client: Client, ada: User, signed_in: bool, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for category in ("writing", "languages", "answers", "code", *(f"group{number}" for number in range(10))):
        make_tools(9, category, featured_position=1, summary="Does something with a text. " * 10)
    for tool in Tool.objects.filter(slug__startswith="writing"):
        make_release(tool)
        make_job(ada, tool)
    make_tools(40, "many")
    report("w1", **{"acme-0@1": ""})
    if signed_in:
        client.force_login(ada)
    addresses = ["/", "/categories/many/", "/tags/loud/", "/publishers/Ada%20%26%20Co/", "/?q=many"]
    addresses += [f"{address.partition('?')[0]}{next_of(read(client, address))}" for address in addresses[1:]]
    assert all("after=" in address for address in addresses[5:])
    for address in [*addresses, "/tools/writing-1/"]:
        with django_assert_max_num_queries(MAX_SEARCH_QUERIES if "?q=" in address else MAX_QUERIES):  # type: ignore[attr-defined]
            page = read(client, address)
        assert len(page.encode()) <= MAX_BYTES, address
