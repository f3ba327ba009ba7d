import pytest

from gptstore_base_model_aids.numbers import is_in_words


@pytest.mark.parametrize(
    ("number", "text", "language"),
    [
        ("3", "Ich habe drei Brüder.", "de"),
        ("1", "Sie hat einen Hund.", "de"),
        ("12", "Douze œufs, s'il vous plaît.", "fr"),
        ("20", "Tom kaufte zwanzig Eier.", "de"),
        ("80", "Il a quatre-vingts ans.", "fr"),
        ("11", "Son las once.", "es"),
        ("2", "他有两只狗。", "zh"),
        ("5", "She has five cats.", "en"),
    ],
)
def test_a_number_in_words_is_found(number, text, language):
    assert is_in_words(number, text, language)


@pytest.mark.parametrize(
    ("number", "text", "language"),
    [
        ("3", "Ich habe vier Brüder.", "de"),
        ("11", "Once upon a time.", "en"),
        ("45", "He is forty-five.", "en"),
        ("1,5", "ein", "de"),
        ("{name}", "one", "en"),
        ("10", "He is often there.", "en"),
    ],
)
def test_another_word_is_no_number(number, text, language):
    assert not is_in_words(number, text, language)
