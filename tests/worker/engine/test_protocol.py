"""Parameters that make no sense are refused when they are made."""

import pytest

from worker.engine.errors import BadRequest
from worker.engine.params import SamplingParams


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_tokens", 0),
        ("temperature", -0.1),
        ("temperature", float("nan")),
        ("temperature", float("inf")),
        ("top_p", 0),
        ("top_p", 1.01),
        ("top_p", float("nan")),
        ("top_k", -1),
        ("stop", ("",)),
        ("stop", "text"),
        ("stop", ("x",) * 65),
        ("stop", ("x" * 1001,)),
        ("min_p", 1.1),
        ("repetition_penalty", 0),
        ("choices", ("",)),
        ("choices", tuple(map(str, range(1001)))),
        ("seed", -1),
        ("seed", 2**63),
    ],
)
def test_a_value_out_of_range_is_a_bad_request_that_names_it(name: str, value: object) -> None:
    with pytest.raises(BadRequest, match=name):
        SamplingParams(**{name: value})  # type: ignore[arg-type]
