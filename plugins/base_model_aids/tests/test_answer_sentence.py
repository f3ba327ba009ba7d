import pytest

from gptstore.sdk.testing import ScriptedContext, ScriptedModel
from gptstore_base_model_aids.answer_sentence import (
    MAX_SCORED,
    Candidate,
    by_question,
    choose_sentence,
    find_candidates,
)

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


def test_only_so_many_sentences_are_weighed_and_those_of_the_question_among_them():
    found = find_candidates([LONG_PASSAGE], "Who lives in house 2?")
    assert len(found) == MAX_SCORED
    assert "House 2 stands" in max(found, key=lambda candidate: candidate.shared).sentence


@pytest.mark.parametrize("length", [1, 100])
def test_the_score_asks_within_the_context_and_prefers_what_the_model_likes(length):
    asked = []

    def scores(prompt, text):
        asked.append((prompt, text))
        together = f"{prompt}{text}"
        return [-1.0] if "frogs" in together and QUESTION in together else [-2.0]

    model = base_model("", scores, context_length=256)
    frogs, birds = (Candidate(f"{animals} sing. " * length, 0.0) for animals in ("frogs", "birds"))
    assert by_question(model, frogs, QUESTION) > by_question(model, birds, QUESTION)
    assert all(model.count_tokens(prompt) + model.count_tokens(text) <= 256 for prompt, text in asked)


def test_the_sentence_with_the_best_score_is_chosen():
    ctx = ScriptedContext(base_model("", likes("closed")))
    assert choose_sentence(ctx, [PASSAGE], QUESTION, lambda *_: None) == "It was closed in May."
