"""Finds the blocks of code in a model's answer by CommonMark's rules, and chooses the one that was asked for."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from gptstore_base_model_aids.python_check import does_something, find_problem
from gptstore_base_model_aids.unfenced_code import take_code
from gptstore_code_writer.languages import DATA, Language, language_of

PARSER = MarkdownIt("commonmark", {"maxNesting": 50}).disable("html_block")  # tags around a fence hide it
OPENING = re.compile(r"(?P<indent>\s*)(?P<before>(?:(?!```|~~~).)*?)(?P<fence>(?P<marks>`{3,}|~{3,})[ \t]*[^\s`]*)\s*")
LIST_MARKS = re.compile(r"\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)*")
CODE_IN_LABEL = re.compile(r"[()\[\];\"']|=\s|\s=")
MAX_MENDED = 50
"""Fences in the middle of a line that are put on lines of their own."""

MAX_LONGER = 12
"""Closing fences of one block that are tried."""


@dataclass(frozen=True)
class Block:
    """One block of code. language: what its label names; None for none of ours. label: "" where it has none."""

    label: str
    code: str

    @property
    def language(self) -> Language | None:
        return language_of(self.label)


def extract(answer: str, language: Language) -> str:
    """Return the code of a whole answer, without fences and sentences; "" when it has none.

    A block of the language that was asked for comes before one without a label, that before one of another language,
    and data comes last. Of several, the longest that parses is taken.
    """
    parses = python_parses if language == "python" else None
    blocks, rest = find_blocks(answer, parses)
    blocks = [block for block in blocks if block.label or take_code(block.code)]
    unfenced = take_code(rest, parses)
    if unfenced and (not blocks or (parses and parses(unfenced) and does_something(unfenced))):
        blocks.append(Block("", unfenced))
    ranked = sorted(blocks, key=lambda block: _rank(block, language, parses))
    return ranked[-1].code if ranked else ""


def python_parses(code: str) -> bool:
    return find_problem(code) is None


def find_blocks(answer: str, parses: Callable[[str], bool] | None = None) -> tuple[list[Block], str]:
    """Return the blocks in order, and the lines outside of all of them.

    Beyond CommonMark's fenced blocks it takes what models write: a fence at the end of a sentence, code that shares
    the line of its fence, and blocks that are indented as a whole. parses: a block that does not parse up to its
    closing fence goes on to a later one, if it parses then: a string may hold a fence.
    """
    text, tokens = _separate_fences(answer.replace("\r\n", "\n"))
    lines, blocks, outside, reached = text.split("\n"), list[Block](), list[str](), 0
    for token in tokens:
        if not token.map or token.map[0] < reached:
            continue
        first, end = token.map
        if token.type == "inline":
            blocks += _spans(token)
            continue
        if token.type == "fence":
            block, more = _read_fence(token), 0
            if parses and token.level == 0 and not parses(block.code):
                block, more = _extend(block, lines[first + 1 :], parses)
            blocks.append(block)
            end = first + 1 + more if more else end
        elif token.type == "code_block" and OPENING.match(token.content):
            blocks += find_blocks(token.content, parses)[0]
        else:
            continue
        outside += lines[reached:first]
        reached = end
    return [block for block in blocks if block.code.strip()], "\n".join([*outside, *lines[reached:]])


def opens_block(line: str, language: Language) -> str:
    """Return the marks of a fence at the line's beginning that opens a block of this language, or ""."""
    token = next(iter(PARSER.parse(line)), None) if line.startswith(("```", "~~~")) else None
    if token is None or token.type != "fence" or len(token.info.split()) > 1:
        return ""
    return token.markup if language_of(token.info) == language else ""


def closes_block(line: str, marks: str) -> bool:
    """Return whether this line is the closing fence of a block that these marks opened."""
    return marks in line and _is_closed(PARSER.parse(f"{marks}\n{line}")[0])


def _rank(block: Block, language: Language, parses: Callable[[str], bool] | None) -> tuple[int, bool, int]:
    if block.language == language:
        kind = 3
    elif not block.label:
        kind = 2
    else:
        kind = 0 if block.label in DATA else 1
    return kind, parses is None or parses(block.code), len(block.code)


def _is_closed(fence: Token) -> bool:
    first, end = fence.map or (0, 0)
    return end - first > 1 + len(fence.content.removesuffix("\n").split("\n")) - (not fence.content)


def _read_fence(fence: Token) -> Block:
    label, _, more = fence.info.strip().partition(" ")
    code = fence.content
    if CODE_IN_LABEL.search(label) and language_of(label) is None:
        label, more = "", fence.info.strip()
    if more.endswith(fence.markup):  # ~~~print(1)~~~
        code = more.removesuffix(fence.markup)
    elif more and (not label or not code.strip()):
        code = f"{more}\n{code}"
    if not _is_closed(fence) and (end := re.search(rf"(?<=[^\s`~]){fence.markup}[ \t]*$", code, re.MULTILINE)):
        code = code[: end.start()]
    return Block(label.lower(), code.strip("\n").rstrip())


def _extend(block: Block, lines: list[str], parses: Callable[[str], bool]) -> tuple[Block, int]:
    """Return the block up to a later closing fence with which it parses, and the lines that it takes then."""
    fences = [number for number, line in enumerate(lines) if re.fullmatch(r" {0,3}(?:`{3,}|~{3,})\s*", line)]
    for number in fences[1:MAX_LONGER]:
        if parses(code := "\n".join(lines[:number]).strip("\n")):
            return Block(block.label, code), number + 1
    return block, 0


def _spans(paragraph: Token) -> Iterator[Block]:
    """Yield code between three or more marks within one line."""
    for span in paragraph.children or []:
        if span.type == "code_inline" and len(span.markup) >= 3:
            label, _, code = span.content.strip().partition(" ")
            is_label = bool(code) and (language_of(label) is not None or label in DATA)
            yield Block(label.lower(), code.strip()) if is_label else Block("", span.content.strip())


def _separate_fences(text: str) -> tuple[str, list[Token]]:
    """Put fences that stand in paragraphs on lines of their own; return the text and its tokens."""
    lines = text.split("\n")
    for _ in range(MAX_MENDED):
        tokens = PARSER.parse("\n".join(lines))
        paragraphs = (token.map for token in tokens if token.type == "inline" and token.map)
        numbers = (number for first, end in paragraphs for number in range(first, end))
        number = next((number for number in numbers if OPENING.fullmatch(lines[number])), None)
        if number is None:
            break
        _separate(lines, number)
    return "\n".join(lines), tokens


def _separate(lines: list[str], number: int) -> None:
    found = OPENING.fullmatch(lines[number])
    assert found
    if found["before"]:
        indent = len(LIST_MARKS.match(lines[number])[0])  # type: ignore[index]
        lines[number : number + 1] = [found["indent"] + found["before"], " " * indent + found["fence"]]
        return
    width = len(found["indent"].expandtabs(4))
    for at in range(number, len(lines)):
        line = lines[at].expandtabs(4)
        lines[at] = line[min(width, len(line) - len(line.lstrip())) :]
        if at > number and set(line.strip()) == {found["marks"][0]} and len(line.strip()) >= len(found["marks"]):
            return
