"""`gptstore dev` on real models: the bundled one, and those of `transformers serve` and of a store."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gptstore.sdk.call import Call, Message
from gptstore.sdk.dev.engine_process import EngineModel
from gptstore.sdk.dev.errors import ModelError
from gptstore.sdk.dev.http_model import HttpModel
from gptstore.sdk.dev.http_server import Server
from gptstore.sdk.errors import AnswerError
from gptstore.sdk.host.errors import ModelRefused
from harness.redis import RedisServer
from harness.site import Site
from tests.authors.client.command import Gptstore
from tests.authors.dev.project import body_of, write_asker
from tests.worker.engine.transformers_server import CHAT, PLAIN, transformers_server

pytestmark = pytest.mark.slow

PROMPT = "Once upon a time there was a little"
ONCE = ("dev", "asker", "--cli", "--text", "Hello")


@pytest.fixture(scope="module")
def bundled() -> Iterator[EngineModel]:
    model = EngineModel()
    yield model
    model.close()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with transformers_server(tmp_path_factory.mktemp("serve")) as url:
        yield url


@pytest.fixture(scope="module")
def store(redis_process: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A store with a worker and the bundled model: its address, and a key."""
    with Site(tmp_path_factory.mktemp("site"), redis_process.url) as site:
        site.prepare()
        site.add_user("ada", "correct horse")
        key = site.manage("create_api_key", "ada").split()[-1]
        site.start_worker()
        site.start_web()
        yield site.url, key


def test_the_bundled_model_answers_counts_and_scores(bundled: EngineModel) -> None:
    assert bundled.name == "gptstore-mini"
    pieces = [*bundled.stream(PROMPT, max_tokens=8, temperature=0)]
    assert len(pieces) > 1
    assert bundled.count_tokens(PROMPT) > 4
    assert all(value < 0 for value in bundled.score(PROMPT, " girl"))
    assert bundled.choose(["yes", "no"], "Is the sky blue? Answer:") in ("yes", "no")


def test_an_answer_that_is_canceled_ends_and_the_next_one_comes(bundled: EngineModel) -> None:
    answer = bundled.answer(Call(PROMPT, max_tokens=900))
    next(answer)

    answer.cancel()  # type: ignore[attr-defined]

    assert len([*answer]) < 900
    assert bundled.complete(PROMPT, max_tokens=4)


def test_what_the_engine_refuses_is_refused(bundled: EngineModel) -> None:
    with pytest.raises(ModelRefused, match="tokens") as refused:
        bundled.complete("word " * 5000)

    assert refused.value.code == "prompt_too_long"


def test_a_model_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="can't be loaded"):
        EngineModel(str(tmp_path))


def test_a_model_whose_process_has_ended_is_an_error_of_the_run() -> None:
    model = EngineModel()
    try:
        model.process.kill()
        with pytest.raises(ModelRefused, match="has ended"):
            model.complete(PROMPT)
        with pytest.raises(ModelRefused, match="has ended"):
            model.count_tokens(PROMPT)
    finally:
        model.close()


def test_a_tool_runs_on_the_bundled_model_where_no_other_is_named(asker: Path, gptstore: Gptstore) -> None:
    done = gptstore.run(*ONCE, "--show")

    assert (done.returncode, len(done.stdout) > 10) == (0, True)
    assert "gptstore-mini, a base model, 1024 tokens of context." in done.stderr


def test_transformers_serve_answers_a_text_and_a_conversation(url: str) -> None:
    with (
        closing(HttpModel(Server(f"{url}/v1", model=PLAIN), is_chat=False)) as plain,
        closing(HttpModel(Server(f"{url}/v1", model=CHAT))) as chat,
    ):
        assert len([*plain.stream(PROMPT, max_tokens=16, temperature=0)]) > 4
        assert chat.is_chat
        assert chat.complete([{"role": "user", "content": "Hello"}], max_tokens=8, temperature=0)


def test_a_tool_borrows_the_model_of_a_store(asker: Path, gptstore: Gptstore, store: tuple[str, str]) -> None:
    address, key = store
    write_asker(
        asker,
        body_of('messages = [{"role": "user", "content": text}]\nyield from ctx.model.stream(messages, max_tokens=12)'),
    )

    done = gptstore.run(*ONCE, "--server", address, "--show", GPTSTORE_SERVER=address, GPTSTORE_API_KEY=key)

    assert (done.returncode, len(done.stdout) > 5) == (0, True), done.stderr
    assert "Hello\n   answer:\n" in done.stderr


def test_a_store_s_model_takes_a_schema_a_text_and_a_choice(store: tuple[str, str]) -> None:
    address, key = store
    asked: list[Message] = [{"role": "user", "content": "Is the sky blue?"}]

    with closing(HttpModel(Server(f"{address}/v1", key))) as model:
        assert (model.context_length, model.is_chat) == (1024, True)
        assert model.complete(PROMPT, max_tokens=5, seed=1) == model.complete(PROMPT, max_tokens=5, seed=1)
        try:
            assert model.choose(["yes", "no"], asked, max_tokens=40) in ("yes", "no")
        except AnswerError as error:
            pytest.fail(f"no choice: {error.answer!r}")
