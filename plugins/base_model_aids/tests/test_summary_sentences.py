from dataclasses import replace

import pytest

from gptstore.sdk.testing import ScriptedContext, ScriptedModel
from gptstore_base_model_aids.scoring import mean_score
from gptstore_base_model_aids.summary_sentences import MAX_SCORED, choose_sentences, find_candidates

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


def prompt_for(text):
    return f"Text: {text.strip()}\n\nSummary:"


def choose(model, text, most):
    return choose_sentences(ScriptedContext(model), text, prompt_for(text), most, nothing)


def nothing(share, doing):
    """Reports nothing."""


def test_the_sentence_with_the_best_score_is_chosen():
    assert choose(base_model("", likes(STEEL)), TEXT, 1) == [STEEL]


@pytest.mark.parametrize("count", [1, 3, 5])
def test_a_long_text_has_as_many_sentences_as_are_wanted(count):
    words = ["apple", "bread", "chair", "doors", "eagle", "fruit", "glass", "horse", "irons", "jolly", "kites", "lemon"]
    text = " ".join(f"The {word} stands behind a {word[::-1]} wall of {word}stone." for word in words)
    assert len(choose(base_model(""), text, count)) == count


def test_a_short_text_is_never_given_back_whole():
    assert choose(base_model(""), f"{BRIDGE} {RUST}", 5) == [BRIDGE]


def test_a_sentence_that_says_the_same_again_is_left_out():
    again = "In May the old bridge over the river was closed."
    scores = {f" {sentence}": [-1.0] for sentence in (again, BRIDGE, SHIPS)} | {f" {RUST}": [-9.0], f" {STEEL}": [-8.0]}
    chosen = choose(base_model("", scores), f"{again} {TEXT}", 3)
    assert (len(chosen), chosen[0], chosen[-1]) == (3, again, SHIPS)
    assert BRIDGE not in chosen


def test_titles_are_no_summary_of_a_text_with_longer_sentences():
    assert [found.sentence for found in find_candidates(f"The bridge\n{TEXT}\nThe end!")] == [
        BRIDGE,
        RUST,
        STEEL,
        SHIPS,
    ]
    assert [found.sentence for found in find_candidates("The cat sleeps. It is so.")] == ["The cat sleeps."]


def test_of_many_sentences_only_so_many_are_weighed_and_the_first_is_among_them():
    found = find_candidates(f"{BRIDGE} {LONG_TEXT}")
    assert len(found) == MAX_SCORED
    assert found[0].sentence == BRIDGE


@pytest.mark.parametrize(("parts", "scored"), [(1, 16), (40, 16), (200, 3), (400, 0)])
def test_the_scores_of_many_parts_cost_no_more_than_those_of_few(parts, scored):
    text = f"{BRIDGE} {LONG_TEXT[:1900]}"
    ctx = ScriptedContext(base_model("", lambda prompt, text: [-1.0]))
    assert choose_sentences(ctx, text, prompt_for(text), 5, nothing, parts)
    assert len(ctx.prompts) == scored
    assert ctx.model.count_tokens(text) * parts * scored <= 300_000


@pytest.mark.parametrize("length", [1, 60])
def test_the_score_asks_within_the_context_and_prefers_what_the_model_likes(length):
    asked = []

    def scores(prompt, continuation):
        asked.append((prompt, continuation))
        together = f"{prompt}{continuation}"
        return [-1.0] if "rust" in together and BRIDGE in together else [-2.0]

    model = base_model("", scores, context_length=512)
    rust, ships = (replace(c, sentence=c.sentence * length) for c in find_candidates(f"{RUST} {SHIPS}"))
    text = f"{BRIDGE} " * 20
    assert mean_score(model, prompt_for(text), rust.sentence) > mean_score(model, prompt_for(text), ships.sentence)
    assert all(model.count_tokens(prompt) + model.count_tokens(text) <= 512 for prompt, text in asked)
