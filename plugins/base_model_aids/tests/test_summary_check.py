import pytest

from gptstore_base_model_aids.summary_check import find_fault

TEXT = """The old bridge over the river Aller was closed in May, because Mr Brandt found rust in 12 of its beams. A new
bridge of steel will be built for 2,500,000 euros. It will open in June 1998. 老桥在五月关闭，新桥将在六月开放。"""


@pytest.mark.parametrize(
    "summary",
    [
        "The bridge was closed because of rust.",
        "A new bridge for 2,500,000 euros will open in June.",
        "Mr Brandt found rust in the bridge over the Aller; the new one is of steel.",
        "Rust closed the old bridge, and a new steel bridge will soon open.",
        "新桥将在六月开放。",
    ],
)
def test_a_summary_in_words_of_the_text_holds(summary):
    assert find_fault(TEXT, summary) is None


@pytest.mark.parametrize(
    ("summary", "fault"),
    [
        ("", "it says nothing"),
        ("It is of the.", "it says nothing"),
        ("The bridge is old, old, old.", "it repeats itself"),
        ("It was closed, it was closed, it was closed in May.", "it repeats itself"),
        ("新桥将在六月开放，新桥将在六月开放，新桥将在六月开放，新桥将在六月开放。", "it repeats itself"),
        ("The bridge was closed in 1997.", "the text does not speak of 1997"),
        ("The bridge was closed by Napoleon in March.", "the text does not speak of march, napoleon"),
        ("We study networks that learn to translate sentences.", "it speaks of something else than the text"),
    ],
)
def test_what_is_wrong_with_a_summary_is_named(summary, fault):
    assert find_fault(TEXT, summary) == fault


@pytest.mark.parametrize(
    ("text", "summary", "fault"),
    [
        ("It fell to -12 degrees at night.", "It fell to 12 degrees.", "the text does not speak of 12"),
        ("It fell to −12 degrees at night.", "It fell to -12 degrees.", None),
        ("It rose to 12 degrees by day.", "It rose to -12 degrees.", "the text does not speak of -12"),
        ("The board is 12.5 cm long.", "The board is 5 cm long.", "the text does not speak of 5"),
        ("The war of 1914-1918 ended.", "The war ended in 1918.", None),
        ("The town has 1’250 houses.", "The town has 1,250 houses.", None),
        ("The loss was -$12 for each.", "Each loss was $12.", "the text does not speak of 12"),
        ("تبلغ المسافة ١٢ كيلومترا تقريبا.", "المسافة 12 كيلومترا.", None),
        ("On 2024-05-17 the bridge opened.", "The bridge opened in 2024.", None),
        ("高さは３３３メートルです。", "高さは333メートル。", None),
    ],
)
def test_a_number_with_another_sign_and_a_part_of_a_number_are_other_numbers(text, summary, fault):
    assert find_fault(text, summary) == fault


def test_a_text_that_repeats_itself_may_have_a_summary_that_does():
    song = "Row, row, row your boat gently down the stream."
    assert find_fault(song, "Row, row, row your boat.") is None
