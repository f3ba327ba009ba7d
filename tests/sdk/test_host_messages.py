"""What one process sends another arrives as it was."""

from gptstore.sdk.host.messages import Start, Text, decode, encode, to_child


def test_an_input_keeps_what_is_none() -> None:
    given = {"style": None, "parts": [None, {"seed": None}]}
    start = Start(tool="say", input=given, model="m", context_length=1, is_chat=True, settings={"key": None})

    assert decode(to_child, encode(start)) == start


def test_a_text_says_nothing_of_log_probabilities_that_nobody_asked_for() -> None:
    text = Text(request=1, text="a")

    assert b"logprobs" not in encode(text)
    assert decode(to_child, encode(text)) == text
    asked = Text(request=1, text="a", logprobs=[("a", -0.5, [("a", -0.5)])])
    assert decode(to_child, encode(asked)) == asked
