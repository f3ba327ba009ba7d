"""What operations say about their errors in the OpenAPI document."""

from gptstore.api.schemas import ProblemOut

EVERYWHERE = (500, 503)
SIGNED_IN_ONLY = (401, 403)


def problems(*statuses: int) -> dict[int, type[ProblemOut]]:
    """ninja's `response=` entries for these errors and for those that can always happen."""
    return {status: ProblemOut for status in (*statuses, *EVERYWHERE)}
