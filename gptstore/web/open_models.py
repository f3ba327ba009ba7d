"""Reads open_models.toml and reckons what each model needs. docs/models.md is made from this."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

BYTES = 2
"""The size of a number in bfloat16."""

GPUS = (8, 12, 16, 24, 48, 80, 141)
"""The memory of graphics cards as they are sold, in GB."""

LOADING = 1.15
"""The free memory that a worker wants before it loads weights, as a multiple (worker/engine/local/loading.py)."""

CACHE_SHARE = 0.85
"""The share for keys and values of what is free after that (worker/engine/local/budget.py)."""

OWN_GB = 1
"""The memory that CUDA takes for itself."""

ENOUGH_TOKENS = 8 * 4096
"""The tokens of eight requests at a time, of a few pages each."""


class OpenModel(BaseModel):
    """One model, with the shape of its attention. open_models.toml says what the fields mean."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str
    family: str
    parameters: int
    layers: int
    key_heads: int
    head_width: int
    context: int
    licence: str
    languages: str
    good_at: str
    asks: bool = False

    @property
    def weight_bytes(self) -> int:
        return self.parameters * BYTES

    @property
    def weight_gb(self) -> float:
        return self.weight_bytes / 1e9

    @property
    def token_bytes(self) -> int:
        """Return the size of one token's keys and values, in every layer."""
        return self.layers * self.key_heads * self.head_width * 2 * BYTES

    @property
    def gpu_gb(self) -> int | None:
        """Return the smallest graphics card that loads it with room for `ENOUGH_TOKENS`; None when there is none."""
        return next((gb for gb in GPUS if self.loads_on(gb) and self.tokens_on(gb) >= ENOUGH_TOKENS), None)

    def loads_on(self, gb: int) -> bool:
        return self.weight_bytes * LOADING <= (gb - OWN_GB) * 10**9

    def tokens_on(self, gb: int) -> int:
        """Return how many tokens the cache of a card of `gb` GB holds beside the weights."""
        return int(((gb - OWN_GB) * 10**9 - self.weight_bytes) * CACHE_SHARE) // self.token_bytes


def read_models(path: Path) -> list[OpenModel]:
    """Read the models of a file. Raises ValidationError for a row that lacks a field, or has one that is unknown."""
    return [OpenModel(**row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["model"]]


OPEN_MODELS = read_models(Path(__file__).with_name("open_models.toml"))
