"""What the benchmark makes of what it measured."""

from types import SimpleNamespace

import pytest
import torch
from transformers import AutoModelForCausalLM, LlamaConfig

from bench.common.errors import NotMeasured
from bench.common.report import rounded
from bench.common.samples import percentile
from bench.engine.arrival import Window, gaps
from bench.engine.bandwidth import bytes_of_a_step
from bench.engine.crowd import Crowd
from bench.engine.mixed import spread
from bench.engine.report import Line, Row, Target, holds, merged
from bench.engine.samples import Samples, summarize


def test_a_ratio_is_of_medians_and_tells_the_ends_of_its_rounds() -> None:
    samples = Samples()
    for mine, theirs in ((10.0, 2.0), (12.0, 3.0), (50.0, 4.0)):
        samples.add("mine", mine, "tokens/s")
        samples.add("theirs", theirs, "tokens/s")
    ratio = samples.ratio("mine", "theirs")
    assert (ratio.value, ratio.low, ratio.high) == (4, 4, 12.5)


def test_percentiles_fall_between_neighbours() -> None:
    values = [float(number) for number in range(101)]
    assert percentile(values, 99) == pytest.approx(99)
    assert percentile([1.0, 2.0], 50) == pytest.approx(1.5)
    assert percentile([7.0], 99) == 7
    assert summarize(values, "s").upper_quartile == pytest.approx(75)


def test_tokens_a_second_count_from_the_first_submission_to_the_last_token() -> None:
    crowd = Crowd(begun_at=10, ended_at=14, arrivals=((11, 14), (12, 13)), tokens=8)
    assert crowd.tokens_per_s == 2
    assert crowd.first_token_s == 1.5


def test_steps_count_only_while_all_requests_make_tokens() -> None:
    # Given one that reads its prompt until 3, and another that ends at 6
    crowd = Crowd(0, 9, arrivals=((1, 2, 3, 4, 6, 9), (3, 4, 6)), tokens=9)
    assert crowd.step_seconds() == [1, 2]


def test_requests_one_after_another_have_no_steps_in_common() -> None:
    with pytest.raises(NotMeasured, match="never made tokens all at the same time"):
        Crowd(0, 8, arrivals=((1, 2, 3), (6, 7, 8)), tokens=6).step_seconds()


def test_a_gap_is_disturbed_when_it_touches_the_time_of_reading() -> None:
    # Given a prompt that arrives at 2.5 and has its first token with the others' at 5
    steady, disturbed = gaps([(1, 2, 3, 5, 6, 7), (1, 2, 5, 6)], [Window(2.5, 5)])
    assert sorted(disturbed) == [1, 2, 3]
    assert steady == [1, 1, 1, 1, 1]


def test_mixed_lengths_have_the_usual_mean_and_its_half_as_the_least() -> None:
    lengths = spread(128, 32)
    assert (min(lengths), max(lengths), sum(lengths)) == (64, 192, 128 * 32)
    assert (min(spread(64, 8)), sum(spread(64, 8))) == (32, 64 * 8)


@pytest.mark.parametrize("tied", [True, False])
def test_a_step_reads_the_weights_once_and_the_keys_and_values_of_every_request(tied: bool) -> None:
    config = LlamaConfig(
        vocab_size=100,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=tied,
    )
    network = AutoModelForCausalLM.from_config(config).to(torch.bfloat16)
    blocks = 3 * (2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 64 + 2 * 32) + 32
    of_a_token = 2 * 3 * 2 * 8 * 2
    assert bytes_of_a_step(network, requests=5, context=7) == 2 * (blocks + 100 * 32) + 5 * 7 * of_a_token


def test_a_figure_holds_on_the_right_side_of_its_bound() -> None:
    more, less = Target(1.3, 2), Target(2.2, 1.6, at_most=True)
    assert (Line("", 1.4, more).holds, Line("", 1.4, more).reaches_aim) == (True, False)
    assert [Line("", value, less).holds for value in (1.5, 2.0, 2.3)] == [True, True, False]
    assert [Line("", value, less).reaches_aim for value in (1.5, 2.0, 2.3)] == [True, False, False]
    assert (Line("", None, more).holds, Line("", 9).holds) == (False, None)


def test_the_table_holds_only_if_all_rows_were_measured_and_hold() -> None:
    good, bad = Line("a", 2, Target(1.3, 2)), Line("b", 1, Target(1.3, 2))
    assert holds([Row(1, [good, Line("c", 0.1)])])
    assert not holds([Row(1, [good]), Row(2, [bad])])
    assert not holds([Row(1, [good]), Row(3, problem="no")])


def test_rows_of_one_number_become_one_in_order() -> None:
    rows = merged([Row(2, [Line("a", 1)]), Row(1), Row(2, [Line("b", 2)], problem="no")])
    assert [(row.number, [line.what for line in row.lines], row.problem) for row in rows] == [
        (1, [], None),
        (2, ["a", "b"], "no"),
    ]


def test_numbers_in_the_report_have_four_digits() -> None:
    assert rounded({"a": [1.23456, 12345.6, 7], "b": ("x", None)}) == {"a": [1.235, 12350, 7], "b": ["x", None]}
    assert rounded(SimpleNamespace) is SimpleNamespace
