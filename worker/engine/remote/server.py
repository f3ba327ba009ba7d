"""The server that runs the model: its address, key and capabilities."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from worker.engine.errors import ModelLoadError
from worker.engine.protocol import Thinking
from worker.engine.text.message_form import AS_GIVEN, MessageForm
from worker.engine.thoughts import Pair

CHAT = "chat/completions"
TEXT = "completions"


@dataclass(frozen=True, slots=True)
class Server:
    """One model on one server.

    url: base of the API, such as "http://gpu:8000/v1".
    key: sent as a bearer token when not empty; kept out of `repr`.
    others: names of all models that the server lists.
    counts_text, counts_messages: whether it has vLLM's /tokenize for plain text, and for messages.
    is_vllm: whether it takes vLLM's extensions of the API.
    form: the form of messages in which its chat template loses nothing.
    takes_switches: whether it takes `chat_template_kwargs`, which switch a model's thinking.
    thinking: whether its model thinks. opened: the thoughts that a prompt opens, without thinking and with it.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    others: tuple[str, ...] = ()
    context_length: int = 0
    is_chat: bool = True
    counts_text: bool = False
    counts_messages: bool = False
    is_vllm: bool = False
    form: MessageForm = AS_GIVEN
    takes_switches: bool = False
    thinking: Thinking = "unknown"
    opened: tuple[Pair | None, Pair | None] = (None, None)

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity", "User-Agent": "gptstore"}
        return headers | {"Authorization": f"Bearer {self.key}"} if self.key else headers

    def path(self, name: str) -> str:
        """Return the address of a part of the API. vLLM's own lie beside the API's version, not below it."""
        root = self.url.removesuffix("/v1") if name in ("tokenize", "detokenize") else self.url
        return f"{root}/{name}"


def base_url(url: str) -> str:
    """Return the base of the API: the address as given, or with /v1 when it names no path. Raises ModelLoadError."""
    try:
        parts = urlsplit(url.strip())
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or bool(parts.query or parts.fragment)
        _ = parts.port, httpx.URL(url.strip())
    except (ValueError, httpx.InvalidURL):
        raise ModelLoadError("GPTSTORE_ENGINE_URL is not an address such as http://gpu:8000.") from None
    if parts.username or parts.password:
        raise ModelLoadError("GPTSTORE_ENGINE_URL must not hold a password: put it into GPTSTORE_ENGINE_KEY.")
    if wrong:
        raise ModelLoadError("GPTSTORE_ENGINE_URL is not an address such as http://gpu:8000.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/') or '/v1'}"


def checked_key(key: str) -> str:
    """Return the key without spaces around it. Raises ModelLoadError, which does not show it, when it can't be sent."""
    key = key.strip()
    if not (key.isascii() and key.isprintable()):
        raise ModelLoadError("GPTSTORE_ENGINE_KEY has characters that a key can't have. Copy it again.")
    return key
