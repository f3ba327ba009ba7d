"""Keeps the numbers that the catalogue shows, in whichever worker of the fleet comes to it first."""

from redis import RedisError

from gptstore.catalog.tool_counts import keep_tool_counts
from gptstore.jobs.redis import sync_client
from gptstore.jobs.run_counts import keep_run_counts

TURN_KEY = "gptstore:counts"
TURN_SECONDS = 25


def keep_counts() -> None:
    """Count the runs that ended since and the tools of categories, unless another worker did just now.

    The numbers are right whoever counts, and when several do: it is Redis alone that takes turns. Without it they wait.
    """
    if take_turn():
        keep_run_counts()
        keep_tool_counts()


def take_turn() -> bool:
    try:
        return bool(sync_client().set(TURN_KEY, "1", nx=True, ex=TURN_SECONDS))
    except RedisError:
        return False
