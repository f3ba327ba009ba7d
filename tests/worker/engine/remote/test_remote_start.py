"""How an engine is made for a server: what is found out about it, and what is said when that fails."""

import subprocess
import sys
from threading import Thread
from typing import Any

import pytest

from gptstore.env import Environment
from harness.waiting import wait_until
from tests.worker.engine.listener import ask
from tests.worker.engine.model_server import MODEL, ModelServer, serving
from worker.engine.__main__ import main
from worker.engine.errors import ModelLoadError
from worker.engine.protocol import Message, ModelInfo
from worker.engine.remote.connect import UNKNOWN_CONTEXT, open_remote
from worker.engine.remote.engine import RemoteEngine
from worker.engine.remote.server import base_url
from worker.process.worker_process import open_engine

KEY = "sk-very-secret-1234"


def inform(server: ModelServer, **options: Any) -> ModelInfo:
    """What an engine for this server says of its model."""
    engine = open_remote(server.url, **{"patience_s": 5, **options})
    engine.close()
    return engine.info


def refuse(url: str, **options: Any) -> str:
    """What is said when no engine can be made."""
    with pytest.raises(ModelLoadError) as caught:
        open_remote(url, **{"patience_s": 0.3, **options})
    return caught.value.message


def test_the_first_model_of_the_server_is_taken_with_its_context(server: ModelServer) -> None:
    server.names = ["first", "second"]

    assert inform(server) == ModelInfo("first", 128, True, parameters=0, device="remote", dtype="unknown")
    assert inform(server, model="second").name == "second"


def test_the_lower_of_two_context_lengths_counts_and_one_that_nobody_tells_is_assumed(server: ModelServer) -> None:
    assert inform(server, context_length=64).context_length == 64
    assert inform(server, context_length=640).context_length == 128
    server.has -= {"models"}
    assert inform(server, model=MODEL, context_length=640).context_length == 640
    assert inform(server, model=MODEL).context_length == UNKNOWN_CONTEXT


def test_a_model_without_a_chat_is_given_plain_text(server: ModelServer) -> None:
    server.has -= {"chat/completions"}
    engine = open_remote(server.url, patience_s=5)

    assert not engine.info.is_chat
    assert ask(engine, "Once", max_tokens=2).text("only") == "Once upon "
    assert "plain text only" in str(ask(engine, (Message("user", "Hi"),)).wait_for_finish("only").error)
    engine.close()


def test_tokens_are_counted_by_the_server_or_else_estimated_rather_too_high(server: ModelServer) -> None:
    messages = (Message("user", "one two three"),)
    counting = open_remote(server.url, patience_s=5)
    server.has -= {"tokenize"}
    estimating = open_remote(server.url, patience_s=5)
    server.has |= {"tokenize"}

    assert (counting.count_tokens("one two"), counting.count_tokens(messages)) == (2, 3)
    assert (estimating.count_tokens("one two"), estimating.count_tokens(messages)) == (3, 29)
    assert estimating.count_tokens("你好，世界") == 8
    for engine in (counting, estimating):
        engine.close()


def test_a_server_that_comes_up_late_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    with serving() as early:
        port = early.port
    late = ModelServer(port=port)
    made: list[RemoteEngine] = []
    opening = Thread(target=lambda: made.append(open_remote(f"http://127.0.0.1:{port}", patience_s=20)))
    with caplog.at_level("WARNING"):
        opening.start()
        wait_until(lambda: "waiting for the model server" in caplog.messages, "the log's line", every=0.005)

    late.start()
    opening.join()

    made[0].close()
    late.stop()


def test_a_server_that_is_not_there_is_said_with_what_to_do() -> None:
    with serving() as gone:
        url = gone.url

    said = refuse(url)

    assert f"{url}/v1" in said
    assert "did not answer within 0.3 s" in said
    assert "GPTSTORE_ENGINE_URL" in said


def test_a_wrong_or_missing_key_is_said_without_telling_it(server: ModelServer) -> None:
    server.key = KEY

    assert "wants a key. Set GPTSTORE_ENGINE_KEY" in refuse(server.url)
    wrong = refuse(server.url, key="sk-wrong")
    assert "refused the key" in wrong
    assert KEY not in wrong and "sk-wrong" not in wrong
    assert inform(server, key=KEY).name == MODEL


def test_a_key_that_cannot_be_sent_is_refused_without_telling_it(server: ModelServer) -> None:
    for key in ("sk-ключ", "sk-a\r\nX: y"):
        said = refuse(server.url, key=key)
        assert "GPTSTORE_ENGINE_KEY" in said
        assert "sk-" not in said


def test_a_model_that_is_not_there_is_named_with_those_that_are(server: ModelServer) -> None:
    server.names = ["first", "second"]

    said = refuse(server.url, model="third")

    assert '"third"' in said
    assert "first, second" in said


def test_a_server_that_lists_nothing_needs_the_models_name(server: ModelServer) -> None:
    server.has -= {"models"}

    assert "GPTSTORE_ENGINE_MODEL" in refuse(server.url)
    assert inform(server, model=MODEL).name == MODEL


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://gpu:8000", "http://gpu:8000/v1"),
        (" http://gpu:8000/ ", "http://gpu:8000/v1"),
        ("http://gpu:8000/v1/", "http://gpu:8000/v1"),
        ("https://api.example/openai/v1beta", "https://api.example/openai/v1beta"),
    ],
)
def test_the_address_may_name_the_path_of_the_api(url: str, base: str) -> None:
    assert base_url(url) == base


@pytest.mark.parametrize("url", ["gpu:8000", "ftp://gpu", "http://", "http://gpu:eight", "http://gpu/v1?key=x"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    assert "GPTSTORE_ENGINE_URL is not an address" in refuse(url)


def test_a_password_in_the_address_is_refused_without_telling_it() -> None:
    said = refuse(f"http://me:{KEY}@gpu:8000")

    assert "GPTSTORE_ENGINE_KEY" in said
    assert KEY not in said


def test_the_settings_choose_the_engine(server: ModelServer) -> None:
    server.key = KEY
    settings = Environment.model_validate({"engine_url": server.url, "engine_key": KEY, "engine_context": 100})

    engine = open_engine(settings)

    engine.close()
    assert (engine.info.name, engine.info.context_length) == (MODEL, 100)
    assert KEY not in repr(settings)


def test_a_worker_with_a_remote_engine_does_not_load_torch() -> None:
    code = "import sys, worker.engine.remote.connect, worker.engine.__main__; print('torch' in sys.modules)"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert result.stdout.strip() == "False"


def test_the_command_line_tries_a_server(server: ModelServer, capfd: pytest.CaptureFixture[str]) -> None:
    status = main(["--url", server.url, "--prompt", "Tell me", "--chat", "--max-tokens", "3"])

    said = capfd.readouterr()
    assert (status, said.out) == (0, "Once upon a time \n")
    assert f"{MODEL} on another server, 128 tokens of context" in said.err
    assert "3 new tokens" in said.err


def test_the_command_line_takes_the_key_from_the_environment(
    server: ModelServer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.key = KEY
    monkeypatch.setenv("MY_KEY", KEY)

    assert main(["--url", server.url, "--prompt", "Tell me", "--max-tokens", "1"]) == 2
    assert main(["--url", server.url, "--key-env", "MY_KEY", "--prompt", "Tell me", "--max-tokens", "1"]) == 0
    assert KEY not in "".join(capfd.readouterr())
