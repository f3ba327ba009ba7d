"""Any OpenAI-compatible server, such as vLLM: streamed completions of the same prompts, as many at a time."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import httpx

from bench.common.errors import NotMeasured
from bench.engine.crowd import WAIT_S, Ask, Crowd


@dataclass(frozen=True)
class Stream:
    """One streamed answer: the times of its parts, and its number of tokens."""

    times: tuple[float, ...]
    tokens: int
    cached_tokens: int = 0


class Server:
    """A server that has loaded the same weights. The client runs on this machine and in this process.

    url: with or without `/v1` at its end. model: its name there; None: the first that the server offers.
    extra: more fields for each request, such as `{"ignore_eos": true}` for vLLM.
    """

    def __init__(self, url: str, model: str | None, key: str | None, extra: dict[str, Any]) -> None:
        self.url = url.rstrip("/").removesuffix("/v1") + "/v1"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._extra = extra
        self.model = model or self._first_model()

    def run(self, asks: Sequence[Ask]) -> Crowd:
        """Send all at once and wait for the last token. Raises NotMeasured."""
        try:
            return asyncio.run(self._run(asks))
        except httpx.HTTPError as error:
            raise NotMeasured(f"{self.url}: {type(error).__name__} {error}") from error

    async def _run(self, asks: Sequence[Ask]) -> Crowd:
        limits = httpx.Limits(max_connections=len(asks))
        async with httpx.AsyncClient(headers=self._headers, timeout=WAIT_S, limits=limits) as client:
            begun_at = perf_counter()
            streams = await asyncio.gather(*(self._stream(client, ask) for ask in asks))
        ended_at = max(stream.times[-1] for stream in streams)
        arrivals = tuple(stream.times for stream in streams)
        tokens, cached = (sum(part) for part in zip(*((one.tokens, one.cached_tokens) for one in streams), strict=True))
        return Crowd(begun_at, ended_at, arrivals, tokens, cached)

    async def _stream(self, client: httpx.AsyncClient, ask: Ask) -> Stream:
        body = {
            "model": self.model,
            "prompt": ask.prompt,
            "max_tokens": ask.new_tokens,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        times, usage = [], {}
        async with client.stream("POST", f"{self.url}/completions", json=body | self._extra) as response:
            if response.is_error:
                await response.aread()
                raise NotMeasured(f"{self.url} answered {response.status_code}: {response.text[:300]}")
            async for line in response.aiter_lines():
                if not line.startswith("data:") or line.endswith("[DONE]"):
                    continue
                event = json.loads(line.removeprefix("data:"))
                usage = event.get("usage") or usage
                if any(choice.get("text") for choice in event.get("choices", ())):
                    times.append(perf_counter())
        return self._checked(ask, times, usage)

    def _checked(self, ask: Ask, times: list[float], usage: dict[str, Any]) -> Stream:
        if not times:
            raise NotMeasured(f"{self.url} sent no text.")
        tokens = usage.get("completion_tokens", len(times))
        if tokens != ask.new_tokens:
            raise NotMeasured(
                f"{self.url} made {tokens} of {ask.new_tokens} tokens. If it stopped at an end token, tell it not to, "
                """as with --server-extra '{"ignore_eos": true}'."""
            )
        read = usage.get("prompt_tokens", ask.prompt_tokens)
        if read != ask.prompt_tokens:
            raise NotMeasured(
                f"{self.url} counts {read} tokens in a prompt of {ask.prompt_tokens}: it has another model."
            )
        return Stream(tuple(times), tokens, (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0)

    def _first_model(self) -> str:
        try:
            answer = httpx.get(f"{self.url}/models", headers=self._headers, timeout=WAIT_S)
            return str(answer.raise_for_status().json()["data"][0]["id"])
        except (httpx.HTTPError, LookupError, ValueError) as error:
            raise NotMeasured(f"{self.url} names no model; give it with --server-model. ({error})") from error
