"""How requests that read one token each are put together, and what they see."""

import torch

from worker.engine.compute.batch import DecodeGroup, PrefillSegment, find_groups
from worker.engine.loop.prefix import Extent

CPU = torch.device("cpu")


def test_neighbours_of_the_same_size_are_read_together() -> None:
    extents = [Extent(0, 64), Extent(64, 64), Extent(192, 64), Extent(256, 128), Extent(384, 128)]

    runs = find_groups([(extent, 10 + at) for at, extent in enumerate(extents)])

    assert [(run.row, run.start, run.size, run.lengths) for run in runs] == [
        (0, 0, 64, (10, 11)),
        (2, 192, 64, (12,)),
        (3, 256, 128, (13, 14)),
    ]


def test_a_request_sees_its_own_tokens_and_of_them_those_in_the_window() -> None:
    run = DecodeGroup(0, 0, 64, (2, 4))

    whole, windowed = run.mask(None, CPU), run.mask(3, CPU)

    assert whole is not None and windowed is not None
    assert (whole[:, 0, 0] == 0).tolist() == [[True, True, False, False], [True] * 4]
    assert (windowed[:, 0, 0] == 0).tolist() == [[True, True, False, False], [False, True, True, True]]
    assert DecodeGroup(0, 0, 64, (4, 4)).mask(None, CPU) is None


def test_a_prompts_rows_see_what_came_before_them() -> None:
    segment = PrefillSegment(0, 2, 0, 64, past=2)

    whole, windowed = segment.mask(None, CPU), segment.mask(2, CPU)

    assert whole is not None and windowed is not None
    assert whole.tolist() == [[True, True, True, False], [True] * 4]
    assert windowed.tolist() == [[False, True, True, False], [False, False, True, True]]
    assert PrefillSegment(0, 4, 0, 64, past=0).mask(None, CPU) is None
