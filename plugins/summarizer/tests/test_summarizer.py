import pytest

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedContext, ScriptedModel, run
from gptstore_summarizer.prompts import completion_prompt
from gptstore_summarizer.tool import summarize

TEXT = "The bridge was closed in May. It will open again in June. Ships may pass at any time."
LONG_TEXT = " ".join(
    f"In the year {year} the harbour had {year * 3} ships and {year // 2} cranes." for year in range(200)
)


def base_model(reply="A summary.", context_length=1024):
    return ScriptedModel(reply, is_chat=False, context_length=context_length)


def parts_in(model):
    return [prompt for prompt in model.prompts if "In the year" in str(prompt)]


def test_a_base_model_gets_the_completion_prompt_and_stops_at_the_next_text():
    model = base_model(" The bridge opens in June.\n\nText: something else")
    result = run(summarize, model=model, text=TEXT, length="short")
    assert result.output == "The bridge opens in June."
    assert model.prompts == [completion_prompt(TEXT, "short")]


def test_a_chat_model_gets_messages_with_the_length_that_was_asked_for():
    model = ScriptedModel("The bridge opens in June.")
    result = run(summarize, model=model, text=f"\n{TEXT}\n", length="long")
    system, user = model.prompts[0]
    assert result.output == "The bridge opens in June."
    assert "list of the main points" in system["content"]
    assert user == {"role": "user", "content": TEXT}


def test_words_appear_as_the_model_makes_them():
    result = run(summarize, model=ScriptedModel("One two three four."), text=TEXT)
    assert len(result.pieces) > 3


def test_a_longer_summary_may_take_more_tokens_and_never_more_than_a_quarter_of_the_context():
    limits = []
    for length in ("short", "medium", "long"):
        model = base_model()
        run(summarize, model=model, text=TEXT, length=length)
        limits.append(model.calls[0].max_tokens)
    small = base_model(context_length=128)
    run(summarize, model=small, text=TEXT, length="long")
    assert limits == sorted(set(limits))
    assert small.calls[0].max_tokens == 32


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_an_empty_text_is_refused_before_the_model_is_asked(text):
    model = base_model()
    with pytest.raises(ToolError, match="Paste or type some text"):
        run(summarize, model=model, text=text)
    assert model.prompts == []


@pytest.mark.parametrize(("is_chat", "text"), [(True, TEXT), (False, "— … —")])
def test_a_model_that_says_nothing_is_an_error_and_no_empty_page(is_chat, text):
    with pytest.raises(ToolError, match="gave no summary"):
        run(summarize, model=ScriptedModel("  \n", is_chat=is_chat), text=text)


@pytest.mark.parametrize("is_chat", [True, False])
def test_a_long_text_is_read_in_parts_that_lose_nothing_and_then_summed_up(is_chat):
    model = ScriptedModel(
        lambda prompt: "The harbour had ships." if "In the year" in str(prompt) else "Ships.", is_chat=is_chat
    )
    result = run(summarize, model=model, text=LONG_TEXT)
    parts = parts_in(model)
    assert len(parts) > 2
    assert all(str(parts).count(f"In the year {year} the") == 1 for year in range(200))
    assert all(model.count_tokens(c.prompt) + c.max_tokens <= model.context_length for c in model.calls)
    assert result.output.startswith("**Part 1 of ")
    assert result.output.count("The harbour had ships.") == len(parts)
    assert result.output.endswith("### The whole text\n\nShips.")
    assert "The harbour had ships." in str(model.prompts[-1])


def test_progress_counts_the_parts_and_reaches_the_end():
    result = run(summarize, model=base_model(), text=LONG_TEXT)
    done = [report.done for report in result.progress]
    assert done == sorted(done)
    assert result.progress[0].message.startswith("Summarizing part 1 of")
    assert result.progress[-1].done == result.progress[-1].total
    assert "parts" in result.logs[0]


def test_the_first_part_can_be_read_before_the_second_is_asked_for():
    model = ScriptedModel("One.")
    run(summarize, model=model, text=LONG_TEXT, cancel_after=3)
    assert len(model.calls) == 1


def test_a_canceled_job_stops_between_parts():
    model = ScriptedModel("One.")
    result = run(summarize, model=model, text=LONG_TEXT, cancel_after=4)
    assert "Part 1" in result.output
    assert "Part 2" not in result.output
    assert "whole text" not in result.output


def test_summaries_that_do_not_fit_together_are_summed_up_once_more():
    wordy = "word " * 50
    model = ScriptedModel(lambda prompt: wordy if "In the year" in str(prompt) else "Few words.", context_length=256)
    result = run(summarize, model=model, text=LONG_TEXT, length="short")
    assert result.output.endswith("### The whole text\n\nFew words.")
    assert "Few words." in str(model.prompts[-1])


def test_summaries_that_never_get_shorter_stand_as_they_are():
    model = ScriptedModel("word " * 200, context_length=256)
    result = run(summarize, model=model, text=LONG_TEXT, length="short")
    assert "whole text" not in result.output
    assert "stand as they are" in result.logs[-1]


def test_a_context_too_small_for_the_work_is_refused():
    with pytest.raises(ToolError, match="only 128 tokens"):
        run(summarize, model=ScriptedModel("x", context_length=128), text=LONG_TEXT)


def test_a_part_without_a_summary_says_so():
    model = ScriptedModel(lambda prompt: "" if "In the year 0 " in str(prompt) else "Fine.")
    result = run(summarize, model=model, text=LONG_TEXT)
    assert "gave no summary of part 1" in result.output
    assert result.output.count("Fine.") >= 2


@pytest.mark.parametrize("reply", ["", " \n", "...", "—", "**", "。"])
@pytest.mark.parametrize(("is_chat", "text"), [(True, LONG_TEXT), (True, "a\n" * 20_000), (False, "a\n" * 20_000)])
def test_most_parts_without_a_summary_are_an_error_and_to_run_again_is_advice_where_chance_decides(
    reply, is_chat, text
):
    ctx = ScriptedContext(ScriptedModel(reply, is_chat=is_chat))
    with pytest.raises(ToolError, match="gave no summary of most of the") as raised:
        run(summarize, ctx=ctx, text=text)
    assert ("Run the tool again" in raised.value.message) == is_chat


@pytest.mark.parametrize("replies", [["", "Fine.", "", ""], ["Fine.", "", "...", " "], ["", "", "", "Fine."]])
def test_most_of_four_parts_are_three(replies):
    with pytest.raises(ToolError, match="most of the 4 parts"):
        run(summarize, model=ScriptedModel(replies), text=LONG_TEXT)


@pytest.mark.parametrize(
    "replies", [["", "Fine.", "", "Fine."], ["Fine.", "", "", "Fine."], ["", "", "Fine.", "Fine."]]
)
def test_half_of_the_parts_are_enough(replies):
    result = run(summarize, model=ScriptedModel([*replies, "Whole."]), text=LONG_TEXT)
    assert result.output.endswith("### The whole text\n\nWhole.")


def test_parts_without_a_summary_that_follow_each_other_are_named_together():
    model = ScriptedModel(lambda prompt: "" if "In the year 40 " in str(prompt) else "Fine.")
    quiet = ScriptedModel(["Fine.", "", "", *["Fine."] * 3])
    assert "*(The model gave no summary of part" in run(summarize, model=model, text=LONG_TEXT).output
    assert (
        "*(The model gave no summary of parts 2 to 3.)*\n\n**Part 4"
        in run(summarize, model=quiet, text=LONG_TEXT).output
    )


def test_a_whole_text_without_a_summary_leaves_those_of_its_parts_and_the_log_says_so():
    model = ScriptedModel(lambda prompt: "Fine." if "In the year" in str(prompt) else "")
    result = run(summarize, model=model, text=LONG_TEXT)
    assert "### The whole text" not in result.output
    assert "no summary of the whole text" in result.logs[-1]


def test_a_text_that_fits_a_large_context_is_read_at_once():
    model = ScriptedModel("Short.", context_length=128_000)
    run(summarize, model=model, text=LONG_TEXT)
    assert len(model.calls) == 1


def test_the_three_examples_run_as_they_are():
    assert len(summarize.examples) == 3
    for example in summarize.examples:
        beginning = " ".join(example.input["text"].split()[:6]) + "."
        assert run(summarize, example.input, model=base_model(f" {beginning}")).output == beginning
