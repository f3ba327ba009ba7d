"""Words of the tests in test_remote_*.py; their fixtures are in conftest.py."""

from collections.abc import Callable
from typing import Any

from tests.worker.engine.listener import ask
from worker.engine.errors import EngineError
from worker.engine.protocol import Message
from worker.engine.remote.engine import RemoteEngine

PROMPT = "It was a bright cold day"
CHAT = (Message("system", "Be brief."), Message("user", "Tell a story."))
Open = Callable[..., RemoteEngine]


def fail(engine: RemoteEngine, prompt: Any = PROMPT, **params: Any) -> EngineError:
    """Run one request that fails, and return its error."""
    finish = ask(engine, prompt, **params).wait_for_finish("only")
    assert finish.reason == "error"
    assert finish.error is not None
    return finish.error
