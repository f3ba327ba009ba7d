"""One limit: how much it is, and what a person reads who went over it."""

import pytest

from gptstore.sdk.limits import LOG_LINES, MEMORY, MODEL_TOKENS, OUTPUT, SECONDS
from worker.hosts.limit import Limit


@pytest.mark.parametrize(("own", "ceiling", "most"), [(None, 60, 60), (10, 60, 10), (90, 60, 60), (60, 60, 60)])
def test_it_is_the_smaller_of_the_tools_and_the_sites(own: int | None, ceiling: int, most: int) -> None:
    assert Limit(SECONDS, own, ceiling).most == most


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit(SECONDS, 90, 3600), ("take 90 seconds here", "its author (max_seconds)")),
        (Limit(SECONDS, 60, 3600, by_admin=True), ("60 seconds", "an admin of this site (max_seconds)")),
        (Limit(SECONDS, 90, 60, by_admin=True), ("60 seconds", "GPTSTORE_JOB_MAX_SECONDS")),
        (Limit(SECONDS, 1, 3600), ("take 1 second here", "its author (max_seconds)")),
        (Limit(SECONDS, None, 3600), ("3,600 seconds", "the operator of this site (GPTSTORE_JOB_MAX_SECONDS)")),
        (Limit(SECONDS, 90, 60), ("60 seconds", "GPTSTORE_JOB_MAX_SECONDS")),
        (Limit(MEMORY, 50_000_000, 10**9), ("take 50 MB of memory", "max_memory_mb")),
        (Limit(MEMORY, None, 1_024_000_000), ("1,024 MB", "GPTSTORE_TOOL_MEMORY_MB")),
        (Limit(OUTPUT, 20_000, 10**7), ("give 20,000 bytes of output", "max_output_bytes")),
        (Limit(OUTPUT, None, 10**7), ("give 10 MB of output", "GPTSTORE_TOOL_OUTPUT_MB")),
        (Limit(MODEL_TOKENS, 500, 10**6), ("use 500 tokens", "max_model_tokens")),
        (Limit(MODEL_TOKENS, None, 10**6), ("1,000,000 tokens", "GPTSTORE_TOOL_MODEL_TOKENS")),
        (Limit(LOG_LINES, 1, 100), ("log 1 line here", "max_log_lines")),
        (Limit(LOG_LINES, None, 100), ("log 100 lines here", "GPTSTORE_TOOL_LOG_LINES")),
    ],
)
def test_a_person_reads_how_much_it_is_and_who_can_raise_it(limit: Limit, words: tuple[str, ...]) -> None:
    assert all(word in limit.message for word in words), limit.message
