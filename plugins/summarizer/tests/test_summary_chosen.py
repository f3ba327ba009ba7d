import pytest

from gptstore.sdk.testing import ScriptedContext, ScriptedModel, run
from gptstore_base_model_aids.summary_check import CHOSEN
from gptstore_summarizer.tool import summarize

BRIDGE = "The old bridge over the river was closed in May."
RUST = "An engineer had found rust in many of the beams."
STEEL = "The town will build a new bridge of steel in autumn."
SHIPS = "Large ships may pass under the arches at any time."
TEXT = f"{BRIDGE} {RUST}\n{STEEL} {SHIPS}"
LONG_TEXT = " ".join(f"In the year {year} the harbour had {year * 3} ships and big cranes." for year in range(200))


def base_model(reply, scores=None, context_length=1024):
    return ScriptedModel(reply, is_chat=False, context_length=context_length, scores=scores)


def likes(*sentences):
    """Scores that are high for these sentences as a summary of TEXT, however the model is asked about them."""

    def score(prompt, continuation):
        if TEXT not in f"{prompt}{continuation}":
            return [-3.0]
        asked = f"{prompt}{continuation}".replace(TEXT, "")
        return [-1.0] if any(sentence in asked for sentence in sentences) else [-6.0]

    return score


@pytest.mark.parametrize(
    "reply", ["", " the", " The river river river was closed.", " Napoleon closed it in 1812.", " Cats and dogs."]
)
def test_a_summary_that_does_not_hold_is_replaced_by_sentences_that_the_model_likes_in_the_order_of_the_text(reply):
    model = base_model(reply, likes(SHIPS, RUST))
    result = run(summarize, model=model, text=TEXT)
    assert result.output == f"{CHOSEN}\n\n{RUST} {SHIPS}"


def test_the_log_says_what_was_not_shown_and_why():
    result = run(summarize, model=base_model(" Napoleon closed it."), text=TEXT)
    assert result.logs == [
        "The model's summary is not shown, because it speaks of something else than the text: Napoleon closed it."
    ]


def test_a_summary_that_holds_is_shown_and_no_sentence_is_weighed():
    result = run(summarize, model=base_model(" The old bridge was closed in May."), text=TEXT)
    assert result.output == "The old bridge was closed in May."
    assert len(result.prompts) == 1


def test_a_summary_that_only_copies_gives_way_to_the_best_of_all_sentences():
    result = run(summarize, model=base_model(f" {BRIDGE}", likes(STEEL)), text=TEXT, length="short")
    assert result.output == f"{CHOSEN}\n\n{STEEL}"
    assert "only copies sentences" in result.logs[0]


def test_a_last_sentence_that_was_cut_off_is_left_out():
    result = run(summarize, model=base_model(" The bridge was closed in May. The town will bui"), text=TEXT)
    assert result.output == "The bridge was closed in May."


@pytest.mark.parametrize(("length", "count"), [("short", 1), ("medium", 3), ("long", 5)])
def test_a_longer_summary_has_more_sentences(length, count):
    words = ["apple", "bread", "chair", "doors", "eagle", "fruit", "glass", "horse", "irons", "jolly", "kites", "lemon"]
    text = " ".join(f"The {word} stands behind a {word[::-1]} wall of {word}stone." for word in words)
    assert run(summarize, model=base_model(""), text=text, length=length).output.count("stone.") == count


def test_a_model_that_can_not_score_leaves_it_to_the_words_and_the_log_says_so():
    def refuse(prompt, text):
        raise RuntimeError("no scores here")

    result = run(summarize, model=base_model("", refuse), text=TEXT, length="short")
    assert result.output == f"{CHOSEN}\n\n{BRIDGE}"
    assert result.logs[-1].startswith("The model could not weigh the sentences")


def test_each_part_of_a_long_text_is_checked_and_so_is_the_whole():
    def reply(prompt):
        return " The harbour had cranes." if "the year 0 " in prompt else " Napoleon came."

    result = run(summarize, model=base_model(reply), text=LONG_TEXT, length="short")
    first, second, *_ = result.output.split("**Part ")[1:]
    assert first.endswith("** The harbour had cranes.\n\n")
    assert f"** {CHOSEN}\n\nIn the year " in second
    assert f"### The whole text\n\n{CHOSEN}\n\n" in result.output
    assert "Napoleon" not in result.output


def test_progress_grows_and_reaches_the_end():
    for text in (TEXT, LONG_TEXT):
        result = run(summarize, model=base_model(""), text=text)
        done = [report.done for report in result.progress]
        assert done == sorted(done)
        assert any("eighing sentence 2 of" in report.message for report in result.progress)
        assert result.progress[-1].done == result.progress[-1].total


def test_a_canceled_job_weighs_no_further_sentence():
    class CanceledInTheMiddle(ScriptedContext):
        def progress(self, done, total, message=""):
            if message.startswith("Weighing sentence 2"):
                self.cancel()
            super().progress(done, total, message)

    result = run(summarize, ctx=CanceledInTheMiddle(base_model("")), text=TEXT)
    assert (result.canceled, result.output) == (True, "")
    assert [report.message for report in result.progress] == ["Summarizing", "Weighing sentence 1 of 4"]


def test_chinese_sentences_are_chosen_and_stand_without_spaces():
    text = "老桥在五月因为生锈而关闭。新的钢桥将在六月开放。大船随时可以从桥下通过。工程师在梁上发现了锈。"
    result = run(summarize, model=base_model(""), text=text)
    assert " " not in result.output.removeprefix(CHOSEN)
    assert result.output.count("。") == 2
