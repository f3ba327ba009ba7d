import pytest

from gptstore.sdk import ToolError
from gptstore.sdk.testing import ScriptedContext, ScriptedModel, run
from gptstore_qa.evidence import NO_ANSWER, NO_EVIDENCE
from gptstore_qa.prompts import NOT_FOUND, completion_prompt
from gptstore_qa.tool import answer

PASSAGE = "The old bridge was built in 1871. It was closed in May. The new bridge, of steel, will open in June."
QUESTION = "When will the new bridge open?"
LONG_PASSAGE = " ".join(f"House {n} stands on Hill Road and has {n + 3} windows." for n in range(150))
HIDDEN = f"{LONG_PASSAGE} The treasure lies under the red oak. {LONG_PASSAGE}"


def base_model(reply, context_length=1024):
    return ScriptedModel(reply, is_chat=False, context_length=context_length)


def find_oak(prompt):
    return " under the red oak" if "red oak" in str(prompt) else " Napoleon"


def test_a_base_model_gets_the_completion_prompt_and_its_answer_ends_with_the_line():
    model = base_model(" June\nQuestion: and then?")
    result = run(answer, model=model, passage=PASSAGE, question=QUESTION)
    assert result.output.startswith("June\n\n**From the passage:**")
    assert model.prompts == [completion_prompt(PASSAGE, QUESTION)]


def test_a_chat_model_gets_the_passage_and_the_question():
    model = ScriptedModel("It will open in June.")
    result = run(answer, model=model, passage=PASSAGE, question=QUESTION)
    assert PASSAGE in model.prompts[0][-1]["content"]
    assert QUESTION in model.prompts[0][-1]["content"]
    assert result.output.startswith("It will open in June.\n\n")


def test_the_sentence_behind_the_answer_is_quoted_below_it():
    result = run(answer, model=base_model(" June"), passage=PASSAGE, question=QUESTION)
    assert result.output == "June\n\n**From the passage:**\n\n> The new bridge, of steel, will open in June."


def test_an_answer_that_no_sentence_supports_is_marked():
    result = run(answer, model=ScriptedModel("Napoleon Bonaparte ordered it."), passage=PASSAGE, question=QUESTION)
    assert result.output == f"Napoleon Bonaparte ordered it.\n\n{NO_EVIDENCE}"


@pytest.mark.parametrize("reply", [NOT_FOUND, f"{NOT_FOUND}.", f"**{NOT_FOUND}**", f" {NOT_FOUND}\n\nSorry!"])
def test_a_chat_model_that_finds_nothing_is_said_plainly(reply):
    result = run(answer, model=ScriptedModel(reply), passage=PASSAGE, question="Who paid for it?")
    assert result.output == NO_ANSWER


def test_an_answer_that_begins_like_the_sign_for_nothing_found_is_kept():
    result = run(answer, model=ScriptedModel("NOT in May but in June."), passage=PASSAGE, question=QUESTION)
    assert result.output.startswith("NOT in May but in June.")


@pytest.mark.parametrize("reply", ["", " \n", "...", "**", "—", "。", "\u200b", "NOT FOUND"])
def test_an_answer_that_says_nothing_is_no_answer(reply):
    assert run(answer, model=ScriptedModel(reply), passage=PASSAGE, question=QUESTION).output == NO_ANSWER


def test_words_appear_as_the_model_makes_them():
    result = run(answer, model=ScriptedModel("It will open in June."), passage=PASSAGE, question=QUESTION)
    assert len(result.pieces) > 5


@pytest.mark.parametrize(
    ("passage", "question", "message"), [(" \n", QUESTION, "passage"), (PASSAGE, "  ", "question")]
)
def test_empty_inputs_are_refused_before_the_model_is_asked(passage, question, message):
    model = base_model("x")
    with pytest.raises(ToolError, match=f"There is no {message}"):
        run(answer, model=model, passage=passage, question=question)
    assert model.prompts == []


def test_a_base_model_reads_a_long_passage_part_by_part_and_the_best_supported_answer_wins():
    model = base_model(find_oak)
    result = run(answer, model=model, passage=HIDDEN, question="Where does the treasure lie?")
    assert len(model.calls) > 2
    assert all(model.count_tokens(c.prompt) + c.max_tokens <= 1024 for c in model.calls)
    assert result.output.startswith("under the red oak\n\n")
    assert "> The treasure lies under the red oak." in result.output
    assert result.progress[-1].done == result.progress[-1].total


def test_a_chat_model_combines_what_it_found_in_several_parts():
    passage = f"Ann owns a boat. {LONG_PASSAGE} Ann owns a horse."

    def reply(prompt):
        text = prompt[-1]["content"]
        things = [thing for thing in ("boat", "horse") if thing in text]
        return f"Ann owns a {' and a '.join(things)}." if things else NOT_FOUND

    model = ScriptedModel(reply)
    result = run(answer, model=model, passage=passage, question="What does Ann own?")
    assert result.output.startswith("Ann owns a boat and a horse.\n\n")
    assert "> Ann owns a boat.\n>\n> Ann owns a horse." in result.output
    assert "House" not in model.prompts[-1][-1]["content"]


def test_one_finding_in_a_long_passage_is_the_answer():
    model = ScriptedModel(lambda prompt: "Under the red oak." if "red oak" in str(prompt) else NOT_FOUND)
    result = run(answer, model=model, passage=HIDDEN, question="Where does the treasure lie?")
    assert result.output.startswith("Under the red oak.\n\n**From the passage:**")


def test_a_long_passage_without_an_answer_is_said_plainly():
    result = run(answer, model=ScriptedModel(NOT_FOUND), passage=LONG_PASSAGE, question="Where is the treasure?")
    assert result.output == NO_ANSWER
    assert result.progress[-1].done == result.progress[-1].total


def test_of_many_parts_those_that_speak_of_the_question_are_read_and_the_log_says_so():
    model = base_model(find_oak, context_length=256)
    result = run(answer, model=model, passage=HIDDEN, question="Where does the treasure lie?")
    assert len(model.calls) == 8
    assert "the 8 that speak most of the question are read" in result.logs[1]
    assert result.output.startswith("under the red oak")


def test_a_canceled_job_stops_between_parts():
    class CanceledAfterOnePart(ScriptedContext):
        def progress(self, done, total, message=""):
            if done == 1:
                self.cancel()

    model = base_model(find_oak)
    ctx = CanceledAfterOnePart(model)
    result = run(answer, ctx=ctx, passage=HIDDEN, question="Where does the treasure lie?")
    assert len(model.calls) == 1
    assert result.output == ""


def test_a_question_that_leaves_no_room_for_the_passage_is_refused():
    with pytest.raises(ToolError, match="question is too long"):
        run(answer, model=base_model("x", context_length=64), passage=LONG_PASSAGE, question="why " * 60)


def test_the_three_examples_have_short_answers_in_passages_that_are_long_enough_to_be_worth_it():
    answers = ["Michael Collins", "one week", "1973"]
    for example, span in zip(answer.examples, answers, strict=True):
        assert len(example.input["passage"].split()) >= 150
        result = run(answer, example.input, model=base_model(f" {span}"))
        assert result.output.startswith(f"{span}\n\n**From the passage:**")
