from random import Random

import pytest

from gptstore_code_writer.code_filter import CodeFilter, code_only

CODE = "def greet(name):\n    print(name)\n\n\n    return `x`  # `` not a fence"
FENCED = f"```python\n{CODE}\n```"


def filtered(answer, language="python", prose_first=True, size=1):
    pieces = [answer[i : i + size] for i in range(0, len(answer), size)]
    return "".join(code_only(pieces, language, prose_first=prose_first))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize(
    "answer",
    [
        FENCED,
        f"Sure! Here is the function you asked for:\n\n{FENCED}\n\nIt prints the name. Let me know if it helps!",
        f"Here is the code: {FENCED}",
        f"### Solution\n\n1. Print the name (see below)\n\n{FENCED}\nDone.",
        f"```\n{CODE}\n```",
        f"````py\n{CODE}\n````",
        f"~~~Python\n{CODE}\n~~~",
        f"\n\n```python\n\n{CODE}\n\n",
        f"First install it:\n```bash\npip install greet\n```\nThen:\n{FENCED}\nRun it:\n```sh\npython greet.py\n```",
        f"{CODE}\n```\nThat was the code.",
        CODE,
        f"Here is your function:\n\n{CODE}",
        "```python\r\n" + CODE.replace("\n", "\r\n") + "\r\n```",
    ],
)
def test_only_the_code_is_left_however_the_answer_is_cut_into_pieces(answer, size):
    assert filtered(answer, size=size).replace("\r", "") == CODE


def test_no_answer_is_read_differently_in_other_pieces():
    random = Random(1)
    scraps = [
        "```",
        "~~~",
        "`",
        "\n",
        "\n\n",
        "   ",
        "python",
        "bash",
        "x = 1",
        "    y()",
        "Use this code:",
        "\r\n",
        "好的。",
    ]
    for _ in range(500):
        answer = "".join(random.choices(scraps, k=10))
        for prose_first in (True, False):
            by_character = filtered(answer, prose_first=prose_first)
            assert filtered(answer, prose_first=prose_first, size=1000) == by_character, answer


def test_the_indentation_of_a_fence_in_a_list_is_taken_off_its_lines():
    assert filtered("1. Do this:\n\n   ```python\n   if x:\n       y()\n   ```") == "if x:\n    y()"


def test_a_block_in_another_language_is_taken_when_there_is_no_other():
    answer = "Use this:\n```javascript\nlet x = 1;\n\n\nlet y;\n```\nand this:\n```js\nlet z;\n```\n"
    assert filtered(answer) == "let x = 1;\n\n\nlet y;"


def test_code_in_a_fence_streams_before_its_line_is_complete():
    code = CodeFilter("python", prose_first=True)
    assert code.feed("\n```py") == ""
    assert code.feed("thon\nx = ") == "x = "
    assert code.feed("1") == "1"


def test_code_without_a_fence_streams_line_by_line():
    code = CodeFilter("python", prose_first=True)
    assert code.feed("import os\nx") == "import os\nx"


def test_a_base_model_streams_from_its_first_word():
    code = CodeFilter("python", prose_first=False)
    assert code.feed("print") == "print"
    assert code.feed("(1)\n\n") == "(1)"
    assert code.feed("y") == "\n\ny"


@pytest.mark.parametrize("answer", [FENCED, CODE, f"\n{CODE}\n", f"{CODE}\n```\nmore"])
def test_a_base_model_may_or_may_not_use_fences(answer):
    assert filtered(answer, prose_first=False) == CODE


def test_indentation_of_the_first_line_stays():
    assert filtered("\n    return 1\n", prose_first=False) == "    return 1"


def test_reading_stops_when_the_block_is_closed():
    asked_for = []

    def pieces():
        for piece in ["```py\n", "x = 1\n", "```\n", "never", "read"]:
            asked_for.append(piece)
            yield piece

    assert "".join(code_only(pieces(), "python", prose_first=True)) == "x = 1"
    assert "never" not in asked_for


@pytest.mark.parametrize("answer", ["", "\n\n", "I am sorry, but I can not do that.", "```python\n```"])
def test_an_answer_without_code_gives_nothing(answer):
    assert filtered(answer) == ""


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("sql", "SELECT name FROM users\nWHERE id = 1;"),
        ("bash", "echo hello\nls"),
        ("bash", "#!/bin/bash\nset -e"),
        ("html", "<p>Hello, my dear friend.</p>"),
        ("go", "package main\n\nfunc main() {}"),
        ("python", "# Print a name.\nprint(1)"),
        ("python", "for x in range(3):\n    print(x)"),
    ],
)
def test_code_of_every_language_comes_through_without_fences(language, code):
    assert filtered(code, language) == code
