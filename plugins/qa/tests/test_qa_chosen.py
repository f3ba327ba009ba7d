import pytest

from gptstore.sdk.testing import ScriptedContext, ScriptedModel, run
from gptstore_qa.evidence import NO_ANSWER
from gptstore_qa.tool import CHOSEN, answer

PASSAGE = "The old bridge was built in 1871. It was closed in May. The new bridge, of steel, will open in June."
QUESTION = "When can people cross again?"
LONG_PASSAGE = " ".join(f"House {n} stands on Hill Road and has {n + 3} windows." for n in range(150))


def likes(word):
    """Scores that are high for the sentence with this word, however the model is asked about it."""

    def score(prompt, text):
        if QUESTION not in f"{prompt}{text}":
            return [-5.0]
        return [-1.0] if word in f"{prompt.replace(PASSAGE, '')}{text}" else [-9.0]

    return score


def base_model(reply, scores=None, context_length=1024):
    return ScriptedModel(reply, is_chat=False, context_length=context_length, scores=scores)


@pytest.mark.parametrize("reply", ["", " \n", "\nThe answer comes too late", " the", " Napoleon", " in in in in"])
def test_an_answer_that_does_not_hold_is_replaced_by_the_sentence_that_the_model_likes_best(reply):
    result = run(answer, model=base_model(reply, likes("closed")), passage=PASSAGE, question=QUESTION)
    assert result.output == f"{CHOSEN}\n\n> It was closed in May."


def test_an_answer_that_is_not_shown_is_named_in_the_log():
    result = run(answer, model=base_model(" Napoleon\nQuestion:"), passage=PASSAGE, question=QUESTION)
    assert result.logs == ["Not in the passage, so not shown: Napoleon"]


def test_an_answer_is_shown_as_the_passage_writes_it_and_no_sentence_is_weighed():
    model = base_model(" a Bridge, of STEEL.".replace("a ", "new "))
    result = run(answer, model=model, passage=PASSAGE, question=QUESTION)
    assert result.output.startswith("new bridge, of steel\n\n**From the passage:**\n\n> The new bridge")
    assert len(result.prompts) == 1


def test_a_base_model_takes_its_likeliest_answer():
    model = base_model(" June")
    run(answer, model=model, passage=PASSAGE, question=QUESTION)
    assert (model.calls[0].temperature, model.calls[0].max_tokens) == (0, 48)


def test_of_sentences_with_the_same_score_the_one_with_the_words_of_the_question_is_chosen():
    result = run(answer, model=base_model(""), passage=PASSAGE, question="When was the bridge closed?")
    assert result.output.endswith("> It was closed in May.")


def test_a_model_that_can_not_score_leaves_it_to_the_words_and_the_log_says_so():
    def refuse(prompt, text):
        raise RuntimeError("no scores here")

    model = base_model("", refuse)
    result = run(answer, model=model, passage=PASSAGE, question="When was the bridge built?")
    assert result.output.endswith("> The old bridge was built in 1871.")
    assert result.logs == [
        "The model could not weigh the sentences, so the words of the question decided: no scores here"
    ]


def test_progress_grows_and_reaches_the_end():
    result = run(answer, model=base_model(""), passage=PASSAGE, question=QUESTION)
    done = [report.done for report in result.progress]
    assert done == sorted(done)
    assert "Weighing sentence 2 of 3" in [report.message for report in result.progress]
    assert result.progress[-1].done == result.progress[-1].total


def test_a_long_passage_without_an_answer_gives_a_sentence_of_the_whole():
    passage = f"{LONG_PASSAGE} The treasure lies under the red oak. {LONG_PASSAGE}"
    model = base_model(" Napoleon")
    result = run(answer, model=model, passage=passage, question="Where is the treasure?")
    assert len(model.calls) > 2
    assert result.output == f"{CHOSEN}\n\n> The treasure lies under the red oak."


def test_a_canceled_job_weighs_no_further_sentence():
    class CanceledInTheMiddle(ScriptedContext):
        def progress(self, done, total, message=""):
            if message.startswith("Weighing sentence 2"):
                self.cancel()
            super().progress(done, total, message)

    ctx = CanceledInTheMiddle(base_model(""))
    result = run(answer, ctx=ctx, passage=PASSAGE, question=QUESTION)
    assert (result.canceled, result.output) == (True, "")
    assert [report.message for report in result.progress] == ["Reading", "Weighing sentence 1 of 3"]


def test_a_passage_without_any_words_is_said_plainly():
    assert run(answer, model=base_model(""), passage="— … —", question=QUESTION).output == NO_ANSWER
