"""Writes small functions by rule from recipes.txt, with their tasks in users' words."""

import re
from random import Random

from training import prompts
from training.recipes import CHANGES, SIGNS, TESTS, read_recipes
from training.tasks import Example

NUMBERS = ("2", "3", "4", "5", "6", "7", "8", "10", "12", "20", "100")
PREFIXES = ("", "", "get_", "find_", "my_", "calc_")
RENAMED = {
    "numbers": ("numbers", "nums", "values", "lst", "data"),
    "text": ("text", "s", "string", "sentence"),
    "items": ("items", "lst", "values", "elements"),
    "words": ("words", "strings", "names"),
    "mapping": ("mapping", "d", "dictionary"),
    "n": ("n", "num", "number"),
}

Recipe = tuple[str, str, str, str]


def write_program(row: tuple[str, ...], random: Random) -> Example:
    """Write one recipe as an example: parameters, names and the wording of the task are drawn."""
    task, name, parameters, body = fill(row, random)
    code = f"def {name}({parameters}):\n" + "\n".join(f"    {line}" for line in body.split("\n")) + "\n"
    return Example(prompts.code_prompt(word_task(task, name, parameters, random), "Python"), code)


def fill(row: tuple[str, ...], random: Random) -> Recipe:
    """Return the recipe with everything in braces filled in, and now and then with other names."""
    test, change, sign = (random.choice(kind) for kind in (TESTS, CHANGES, SIGNS))
    words = {"t": test[0], "c": change[0], "s": sign[0]}
    words |= {"tested": test[1], "test": test[2], "changed": change[1], "change": change[2]}
    words |= {"signs": sign[1], "sign": sign[2]}
    number = {"k": random.choice(NUMBERS)}
    task, name, parameters, body = (_replace(_replace(text, words), number) for text in row)
    if random.random() < 0.4 and "factorial(" not in body:
        name = random.choice(PREFIXES) + name
    for old, new in RENAMED.items():
        if old in parameters.split(", ") and random.random() < 0.4:
            drawn = random.choice(new)
            parameters, body = _rename(parameters, old, drawn), _rename(body, old, drawn)
    return task, name, parameters, body


def word_task(task: str, name: str, parameters: str, random: Random) -> str:
    """Draw one of the wordings in which people request a function."""
    verb, _, rest = task.partition(" ")
    third = verb + ("es" if verb.endswith(("ch", "sh", "s", "x")) else "s")
    return random.choice(
        (
            f"Write a function to {task}.",
            f"Write a python function to {task}.",
            f"Write a Python function that {third} {rest}.",
            f"Write a function {name}({parameters}) that {third} {rest}.",
            f"Write a Python function `{name}({parameters})`. {third.capitalize()} {rest}.",
            f"A function {name} that {third} {rest}.",
            f"{verb.capitalize()} {rest}.",
        )
    )


def recipes() -> list[tuple[str, ...]]:
    """Return the recipes as rows; those with more to draw count more often."""
    return [recipe for recipe in read_recipes() for _ in range(1 + 2 * recipe[3].count("{") + 2 * recipe[0].count("{"))]


def _replace(text: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        text = text.replace("{" + word + "}", value)
    return text


def _rename(text: str, old: str, new: str) -> str:
    return re.sub(rf"\b{old}\b", new, text)
