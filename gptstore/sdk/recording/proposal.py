"""Proposes the smallest limits, and the network or none, with which a tool's examples run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from gptstore.sdk.intake.example_answers import CONTEXT_LENGTH
from gptstore.sdk.limits import MEGA, MEMORY, MODEL_TOKENS, SECONDS
from gptstore.sdk.manifest import ToolManifest
from gptstore.sdk.recording.observed import Observed

HEAD_ROOM = 2
"""A measurement counts as many times: other inputs are longer, and other machines slower."""

PROMPT_SPEED, ANSWER_SPEED = 500, 20
"""Tokens a second of a slow model, which answers one prompt after the other."""

_SECONDS = (10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 450, 600, 900, 1200, 1800, 2700, 3600)
_MIN_MEMORY = 64
_MEMORY_STEP = 32
_MIN_TOKENS = 500

_LONG, _FAR = 1000, 4
"""A text of so many characters takes time and tokens; one that is so many times an example's takes far more than it."""

NETWORK = "network"


@dataclass(frozen=True)
class Change:
    """One keyword of `@tool` that should be another. declared: None: it is left out. because: the measurement."""

    option: str
    declared: int | bool | None
    proposed: int | bool
    because: str


def propose(found: Observed, tool: ToolManifest) -> Iterator[Change]:
    """Yield what differs from the declaration. A limit that is enough, and no more than double, stays as it is."""
    if found.error:
        return
    tokens = found.prompt_tokens + found.answer_tokens
    on_model = found.prompt_tokens / PROMPT_SPEED + found.answer_tokens / ANSWER_SPEED
    needs = [(SECONDS.name, found.seconds + on_model, propose_seconds(found), seconds_reason(found, on_model))]
    if found.memory is not None:
        because = f"{found.memory / MEGA:.1f} MB beyond the import"
        needs.append((MEMORY.name, found.memory / MEGA, propose_memory(found.memory), because))
    if tokens:
        because = f"about {found.prompt_tokens} of prompts, answers of {found.answer_tokens} at most"
        needs.append((MODEL_TOKENS.name, tokens, propose_tokens(found), because))
    for option, needed, proposed, because in needs:
        declared = getattr(tool, option)
        if declared is None or not needed <= declared <= HEAD_ROOM * proposed:
            yield Change(option, declared, proposed, because)
    yield from propose_network(found, tool)


def propose_network(found: Observed, tool: ToolManifest) -> Iterator[Change]:
    """Yield that the network is used and not declared; or the reverse, where nothing ran that was not observed."""
    reached = [host for host in found.hosts if not host.startswith("unix:")]
    if reached and not tool.network:
        yield Change(NETWORK, False, True, f"it connects to {', '.join(reached)}")
    elif tool.network and not reached and not found.programs:
        yield Change(NETWORK, True, False, "its examples connect to nothing")


def propose_seconds(found: Observed) -> int:
    on_model = found.prompt_tokens / PROMPT_SPEED + found.answer_tokens / ANSWER_SPEED
    wanted = HEAD_ROOM * found.seconds + on_model
    return next((step for step in _SECONDS if step >= wanted), math.ceil(wanted))


def seconds_reason(found: Observed, on_model: float) -> str:
    own = f"{found.seconds:.2f} s of its own"
    return f"{own}, {on_model:.0f} s for a slow model's tokens" if on_model else own


def propose_memory(taken: int) -> int:
    wanted = HEAD_ROOM * taken / MEGA
    return max(_MIN_MEMORY, math.ceil(wanted / _MEMORY_STEP) * _MEMORY_STEP)


def propose_tokens(found: Observed) -> int:
    """Return the tokens in round numbers: two digits. Only prompts need head-room: answers have their bounds."""
    wanted = max(_MIN_TOKENS, HEAD_ROOM * found.prompt_tokens + found.answer_tokens)
    step: int = 10 ** max(0, len(str(wanted)) - 2)
    return math.ceil(wanted / step) * step


def notes(found: Observed, tool: ToolManifest) -> Iterator[str]:
    """Yield what an author should know beside the changes."""
    if found.is_unbounded:
        yield f"a call without max_tokens counts as a whole context of {CONTEXT_LENGTH} tokens: give it to need less"
    for name, longest, shown in short_inputs(tool):
        yield (
            f"{name} may have {longest} characters, and the examples have {shown} at most: "
            "raise the limits by hand, or add a long example"
        )
    if found.written:
        files = ", ".join(found.written)
        yield f"it writes outside of its own folder, which a store refuses: {files}; write into the current folder"
    if found.programs:
        yield f"it starts programs, whose connections and files are not seen: {', '.join(found.programs)}"


def short_inputs(tool: ToolManifest) -> Iterator[tuple[str, int, int]]:
    """Yield the texts that may be far longer than in any example: name, longest, longest of the examples."""
    for name, schema in tool.input_schema["properties"].items():
        longest = schema.get("maxLength")
        shown = max((len(str(example.input.get(name) or "")) for example in tool.examples), default=0)
        if longest is not None and longest > _LONG and longest > _FAR * shown:
            yield name, longest, shown
