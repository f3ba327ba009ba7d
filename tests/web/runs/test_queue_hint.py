"""What the page of a queued run says."""

import pytest
from django.utils import translation

from gptstore.jobs.estimate.wait_estimate import Expectation
from gptstore.web.runs.queue_hint import queue_hint


def told(position: int | None, seconds: float | None, *, workers: bool = True, able: bool = True) -> Expectation:
    return Expectation(position, seconds, workers, able)


@pytest.mark.parametrize(
    ("expected", "english", "chinese"),
    [
        (told(1, None), "Next in line.", "排在最前。"),
        (told(1, 0), "Next in line, starts in a moment.", "排在最前，马上开始。"),
        (told(3, None), "Number 3 in line.", "排在第 3 位。"),
        (told(3, 29), "Number 3 in line, starts in less than half a minute.", "排在第 3 位，半分钟内开始。"),
        (told(3, 89), "Number 3 in line, starts in about 1 minute.", "排在第 3 位，约 1 分钟后开始。"),
        (told(3, 130), "Number 3 in line, starts in about 2 minutes.", "排在第 3 位，约 2 分钟后开始。"),
        (told(9, 3600), "Number 9 in line, starts in about 1 hour.", "排在第 9 位，约 1 小时后开始。"),
        (told(9, 9000), "Number 9 in line, starts in about 2 hours.", "排在第 9 位，约 2 小时后开始。"),
        (told(None, None), "Very many runs are ahead of this one.", "前面还有非常多的运行在排队。"),
        (
            told(1, None, workers=False, able=False),
            "No worker is running at the moment: your run starts when one is back.",
            "目前没有工作进程在线：恢复后会自动开始运行。",
        ),
        (told(1, None, able=False), "No worker has this tool at the moment.", "目前没有工作进程安装此工具。"),
    ],
)
def test_it_tells_the_place_and_the_time_as_far_as_they_are_known(
    expected: Expectation, english: str, chinese: str
) -> None:
    assert queue_hint(expected) == english
    with translation.override("zh-hans"):
        assert queue_hint(expected) == chinese
