import pytest

from training.evaluation.translations import LIMIT, Sentence, measure, translation_skills
from training.stream import Stream
from training.streams import TRANSLATED
from training.tasks import translation


def sentence(source: str, *gold: str) -> Sentence:
    return Sentence(source, gold, ("en", "fr"))


def test_chrf_is_the_mean_of_runs_of_characters() -> None:
    # "abc" for "abd": 2 of 3 characters, 1 of 2 pairs, 0 of 1 triples; there are no longer runs
    assert measure([sentence("x", "abd")], ["abc"])["chrf"] == pytest.approx(100 * (2 / 3 + 1 / 2 + 0) / 3)


def test_the_nearest_of_several_translations_counts() -> None:
    rows = [sentence("Really?", "Vraiment ?", "Ah bon ?"), sentence("Go!", "Va !")]
    assert measure(rows, [" Ah bon ?", "Va !\n"]) == {"chrf": pytest.approx(100), "exact_match": 100}
    assert measure(rows, ["Ah bon ?", "xyz"])["exact_match"] == 50


def test_each_language_is_asked_in_both_directions_with_each_sentence_once() -> None:
    rows = [("Really?", "Wirklich?"), ("No kidding?", "Wirklich?"), ("Really?", "Echt?")]
    streams = {f"translate-{language}": Stream("", 0.1, [], rows, translation) for language in TRANSLATED}  # type: ignore[arg-type]
    skills = {skill.name: skill for skill in translation_skills(streams, LIMIT)}
    assert len(skills) == 8
    assert skills["translate en→de"].rows == [
        Sentence("Really?", ("Wirklich?", "Echt?"), ("en", "de")),
        Sentence("No kidding?", ("Wirklich?",), ("en", "de")),
    ]
    assert skills["translate de→en"].rows[0] == Sentence("Wirklich?", ("Really?", "No kidding?"), ("de", "en"))
    assert skills["translate de→en"].ask(skills["translate de→en"].rows[0]).prompt == "German: Wirklich?\nEnglish:"
