import pytest

from gptstore.sdk import ToolError
from gptstore_translator.detect import detect_language
from gptstore_translator.tool import translate


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Where is the nearest train station?"),
        ("fr", "Où est la gare la plus proche ?"),
        ("de", "Wo ist der nächste Bahnhof?"),
        ("es", "¿Dónde está la estación de tren más cercana?"),
        ("zh", "最近的火车站在哪里？"),
        ("zh", "我不知道。"),
        ("en", "Good morning"),
        ("de", "GUTEN MORGEN, MEINE DAMEN UND HERREN"),
    ],
)
def test_each_language_is_recognized(language, text):
    assert detect_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "Il gatto dorme sul tavolo e non vuole scendere.",
        "Кошка спит на столе и не хочет слезать.",
        "猫はテーブルの上で寝ています。",
        "De kat slaapt op de tafel en wil er niet af.",
    ],
)
def test_a_text_in_another_language_is_refused_with_the_way_out(text):
    with pytest.raises(ToolError, match=r"does not look like any of English, .* choose its language"):
        detect_language(text)


@pytest.mark.parametrize("text", ["OK", "12 345", "Hm!"])
def test_a_text_too_short_to_tell_asks_for_the_source_language(text):
    with pytest.raises(ToolError, match=r"too short .* Choose the source language"):
        detect_language(text)


def test_the_examples_are_in_the_languages_they_say():
    for example in translate.examples:
        detected = detect_language(example.input["text"])
        assert example.input["source"] in (detected, "detect")
        assert example.input["target"] != detected
