"""Opens the engine that the settings name: in this process, or on another server."""

import os
import re
from dataclasses import replace

from gptstore.env import Environment
from worker.engine.loop.scheduler import BatchLimits
from worker.engine.loop.scripted import ScriptedEngine
from worker.engine.protocol import Engine, Request
from worker.engine.remote.connect import open_remote

BUNDLED_MODEL = os.path.join(os.path.dirname(os.path.dirname(__file__)), "bundled_model")
ECHO = "echo"
ECHO_CONTEXT = 8192


def open_engine(env: Environment) -> Engine:
    """Run the model in this process, or use the server that runs it. Raises ModelLoadError."""
    if not env.engine_url and env.model == ECHO:
        limits = BatchLimits(running=env.max_batch)
        return ScriptedEngine(say_back, name=ECHO, context_length=ECHO_CONTEXT, limits=limits)
    if not env.engine_url:
        from worker.engine.local.loading import load_engine  # torch, which a worker with a remote engine need not load

        model = BUNDLED_MODEL if env.model == "bundled" else env.model
        return load_engine(
            model,
            device=env.device,
            dtype=env.dtype,
            weights=env.weights,
            threads=env.threads,
            limits=choose_limits(env),
            kv_bytes=None if env.kv_cache_gb is None else int(env.kv_cache_gb * 1e9),
            grammar_seconds=env.grammar_seconds,
            prompt_lookup={"auto": None, "on": True, "off": False}[env.prompt_lookup],
        )
    return open_remote(
        env.engine_url,
        key=env.engine_key.get_secret_value(),
        model=env.engine_model,
        context_length=env.engine_context,
        silence_s=env.engine_timeout_seconds,
    )


def say_back(request: Request) -> list[str]:
    """Return the prompt, or the last message, as words with the space that follows them."""
    prompt = request.prompt
    return re.findall(r"\S+\s*", prompt if isinstance(prompt, str) else prompt[-1].content)


def choose_limits(env: Environment) -> BatchLimits:
    """Return the device's default limits with those of the settings. Raises ModelLoadError for a missing device."""
    from worker.engine.compute.devices import choose_device, default_limits

    limits = default_limits(choose_device(env.device))
    return replace(limits, running=env.max_batch, chunk_tokens=env.prefill_chunk or limits.chunk_tokens)
