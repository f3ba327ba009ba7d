"""Each text is rendered once: kept in the process, and for the other web processes in a Redis that may be away."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.conf import LazySettings
from pytest import MonkeyPatch

from gptstore.jobs import redis as redis_module
from gptstore.sdk.render.errors import RenderBusy, RenderFailed
from gptstore.sdk.render.messages import RenderRequest
from gptstore.web.render import cache, renderer
from gptstore.web.render.cache import LocalCache, redis_key
from gptstore.web.render.renderer import MAX_RENDERED, Renderer, key_of
from harness.redis import RedisServer

TEXT = RenderRequest("markdown", "*a*")


class ActingProcess:
    """Renders as a test says, and counts."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.rendered: list[str] = []
        self._turn = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        if isinstance(self.error, RenderBusy):
            raise self.error
        with self._turn:
            yield

    def render(self, request: RenderRequest) -> str:
        self.rendered.append(request.text)
        if self.error:
            raise self.error
        return f"<p>{request.text}</p>"


Make = Callable[..., tuple[Renderer, ActingProcess]]


@pytest.fixture
def make() -> Make:
    """Makes what a web process has."""

    def make(error: Exception | None = None) -> tuple[Renderer, ActingProcess]:
        process = ActingProcess(error)
        return Renderer(process), process  # type: ignore[arg-type]

    return make


@pytest.fixture
def no_redis(monkeypatch: MonkeyPatch, settings: LazySettings) -> Iterator[None]:
    settings.ENV = settings.ENV.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    redis_module.sync_client.cache_clear()
    yield
    redis_module.sync_client.cache_clear()


def test_a_text_is_rendered_once(make: Make, redis_server: RedisServer) -> None:
    renderer, process = make()
    assert {renderer.render(TEXT, is_final=True) for _ in range(3)} == {"<p>*a*</p>"}
    assert process.rendered == ["*a*"]


def test_other_web_processes_do_not_render_it_again(make: Make, redis_server: RedisServer) -> None:
    make()[0].render(TEXT, is_final=True)
    renderer, process = make()
    assert renderer.render(TEXT, is_final=True) == "<p>*a*</p>"
    assert process.rendered == []


def test_what_is_not_the_end_yet_stays_in_the_process(make: Make, redis_server: RedisServer) -> None:
    renderer, process = make()
    renderer.render(TEXT, is_final=False)
    renderer.render(TEXT, is_final=False)
    assert process.rendered == ["*a*"]
    assert redis_server.client.keys("gptstore:html:*") == []


def test_without_redis_each_process_renders_for_itself(make: Make, no_redis: None) -> None:
    renderer, process = make()
    assert {renderer.render(TEXT, is_final=True) for _ in range(3)} == {"<p>*a*</p>"}
    assert process.rendered == ["*a*"]


def test_a_redis_that_is_away_is_not_asked_for_each_text(make: Make, no_redis: None, monkeypatch: MonkeyPatch) -> None:
    asked = []
    client = redis_module.sync_client()
    monkeypatch.setattr(cache, "sync_client", lambda: asked.append(1) or client)  # type: ignore[func-returns-value]
    renderer, _process = make()
    for text in "abc":
        renderer.render(RenderRequest("markdown", text), is_final=True)
    assert len(asked) == 1


@pytest.mark.parametrize("forge", [lambda value: "<script>", lambda value: value[:-4] + "AAAA", lambda value: ":"])
def test_html_that_we_did_not_write_is_never_shown(
    make: Make, redis_server: RedisServer, forge: Callable[[str], str]
) -> None:
    make()[0].render(TEXT, is_final=True)
    name = redis_key(key_of(TEXT))
    redis_server.client.set(name, forge(redis_server.client.get(name)))  # type: ignore[arg-type]
    assert make()[0].render(TEXT, is_final=True) == "<p>*a*</p>"


def test_html_of_one_text_is_not_shown_for_another(make: Make, redis_server: RedisServer) -> None:
    other = RenderRequest("markdown", "*b*")
    make()[0].render(TEXT, is_final=True)
    redis_server.client.rename(redis_key(key_of(TEXT)), redis_key(key_of(other)))
    assert make()[0].render(other, is_final=True) == "<p>*b*</p>"


def test_it_goes_with_the_events_of_the_job(make: Make, redis_server: RedisServer, settings: LazySettings) -> None:
    make()[0].render(TEXT, is_final=True)
    assert 0 < redis_server.client.ttl(redis_key(key_of(TEXT))) <= settings.ENV.event_ttl_seconds  # type: ignore[operator]


@pytest.mark.parametrize(
    "other",
    [RenderRequest("code", "*a*"), RenderRequest("markdown", "*a* "), RenderRequest("markdown", "*a*", "python")],
)
def test_what_decides_how_it_looks_is_in_the_key(other: RenderRequest) -> None:
    assert key_of(other) != key_of(TEXT)


def test_html_of_an_older_version_is_rendered_anew(monkeypatch: MonkeyPatch) -> None:
    before = key_of(TEXT)
    monkeypatch.setattr(renderer, "VERSION", renderer.VERSION + 1)
    renderer.versions.cache_clear()
    assert key_of(TEXT) != before
    renderer.versions.cache_clear()


def test_a_text_that_fails_is_shown_as_it_is_and_not_tried_again(make: Make, redis_server: RedisServer) -> None:
    renderer, process = make(RenderFailed())
    for _ in range(3):
        assert renderer.render(TEXT, is_final=True) == '<div class="output-text" dir="auto">*a*</div>'
    assert process.rendered == ["*a*"]


def test_a_text_that_had_to_wait_is_tried_again(make: Make, redis_server: RedisServer) -> None:
    renderer, process = make(RenderBusy())
    assert renderer.render(TEXT, is_final=True) == '<div class="output-text" dir="auto">*a*</div>'
    process.error = None
    assert renderer.render(TEXT, is_final=True) == "<p>*a*</p>"


def test_many_who_look_at_once_cause_one_rendering(make: Make, no_redis: None) -> None:
    renderer, process = make()
    with ThreadPoolExecutor(8) as threads:
        seen = {*threads.map(lambda _: renderer.render(TEXT, is_final=True), range(32))}
    assert seen == {"<p>*a*</p>"}
    assert process.rendered == ["*a*"]


@pytest.mark.parametrize(
    "request_", [RenderRequest("text", "*a*"), RenderRequest("markdown", "*" * (MAX_RENDERED + 1))]
)
def test_plain_and_very_long_texts_need_no_process(make: Make, request_: RenderRequest) -> None:
    renderer, process = make()
    assert renderer.render(request_, is_final=True) == f'<div class="output-text" dir="auto">{request_.text}</div>'
    assert process.rendered == []


def test_the_process_keeps_no_more_than_its_bound() -> None:
    kept = LocalCache(max_bytes=100)
    for key, html in (("a", "x" * 20), ("b", "x" * 20), ("a", "y" * 20), ("c", "x" * 20)):
        kept.write(key, html)
    assert (kept.read("a"), kept.read("b"), kept.read("c")) == ("y" * 20, None, "x" * 20)
    kept.write("d", "x" * 1000)
    assert [kept.read(key) for key in "abcd"] == [None] * 4
