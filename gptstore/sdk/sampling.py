"""The sampling parameters as inputs, for a tool that leaves them to the person: `temperature: Temperature = 0.7`."""

from __future__ import annotations

from typing import Annotated

from gptstore.sdk.field import Field
from gptstore.sdk.parameters import MAX_LOGPROBS, MAX_SEED, MAX_STOPS

GROUP = "Sampling"
"""The group of the form in which they stand, folded until somebody opens it."""

Temperature = Annotated[
    float,
    Field(
        title="Temperature",
        description="0 takes the likeliest word each time; higher is more varied.",
        group=GROUP,
        ge=0,
        le=2,
    ),
]
TopP = Annotated[
    float,
    Field(title="Top p", description="Below 1, only the likeliest words are in the draw.", group=GROUP, gt=0, le=1),
]
MaxTokens = Annotated[
    int,
    Field(title="Longest answer", description="In tokens; a word has one or two.", group=GROUP, ge=1, le=1_000_000),
]
Stop = Annotated[
    list[str],
    Field(title="Stop at", description="The answer ends before the first of these.", group=GROUP, max_length=MAX_STOPS),
]
Seed = Annotated[
    int,
    Field(title="Seed", description="The same number gives the same answer again.", group=GROUP, ge=0, le=MAX_SEED),
]
Logprobs = Annotated[
    int,
    Field(
        title="Log-probabilities",
        description="For programs: how likely each token was, and so many others in its place. No page shows it.",
        group=GROUP,
        ge=0,
        le=MAX_LOGPROBS,
    ),
]
