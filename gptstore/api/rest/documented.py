"""What operations say about their errors in the OpenAPI document."""

from gptstore.api.rest.schemas import ProblemOut

ALWAYS_POSSIBLE = (500, 503)


def problems(*statuses: int) -> dict[int, type[ProblemOut]]:
    """ninja's `response=` entries for these errors and for those that can always happen."""
    return dict.fromkeys(sorted({*statuses, *ALWAYS_POSSIBLE}), ProblemOut)
