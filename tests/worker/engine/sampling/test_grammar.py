"""Answers that fit a schema or are a choice, sampled from random logits: whatever a model says, it fits."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

import jsonschema
import pytest
import torch
from pydantic import BaseModel
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from tests.worker.engine.models import byte_level_tokenizer, metaspace_tokenizer
from worker.engine.errors import BadRequest, EngineError, GrammarTooHard
from worker.engine.params import SamplingParams
from worker.engine.sampling import grammar, schema
from worker.engine.sampling.grammar import Constraint, Grammars

WIDER = 50
"""Logits may be wider than the tokenizer, often for the sake of speed on a GPU."""

OBJECT = {
    "type": "object",
    "properties": {
        "名字": {"type": "string", "maxLength": 8},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "mood": {"enum": ["gut", "très bon", "好", None, 1.5]},
        "ratio": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "tags": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]{1,3}$"}, "maxItems": 3},
    },
    "required": ["名字", "age", "mood"],
    "additionalProperties": False,
}
TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"v": {"type": "boolean"}, "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
            "required": ["v", "next"],
        }
    },
    "$ref": "#/$defs/node",
}
SCHEMAS: list[dict[str, Any]] = [
    OBJECT,
    TREE,
    {"type": "string", "maxLength": 5},
    {"type": "number"},
    {"type": "array"},
    {},
]


opened: list[Grammars] = []


@pytest.fixture(autouse=True, scope="module")
def closing() -> Iterator[None]:
    yield
    while opened:
        opened.pop().close()


class Speaker:
    """A tokenizer, and a model that says anything with equal chance."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, ends: frozenset[int]) -> None:
        self.tokenizer = tokenizer
        self.ends = ends
        self.width = len(tokenizer) + WIDER
        self.grammars = Grammars(tokenizer, self.width, ends)
        opened.append(self.grammars)

    def constrain(self, schema: Any = None, choices: tuple[str, ...] = ()) -> Constraint:
        text = None if schema is None else json.dumps(schema)
        found = self.grammars.compile(SamplingParams(schema=text, choices=choices))
        assert found is not None
        return found

    def speak(self, rule: Constraint, seed: int, most: int = 300, favour: str = "") -> tuple[str, bool]:
        """What was said, and whether it came to its end. favour: characters that the model loves."""
        generator = torch.Generator().manual_seed(seed)
        loved = [number for number in range(len(self.tokenizer)) if favour and self.bytes([number]).strip(favour) == ""]
        said: list[int] = []
        while not rule.finished and len(said) < most:
            mask = rule.mask()
            assert (mask.shape, mask.dtype) == ((self.width,), torch.bool)
            logits = torch.randn(self.width, generator=generator)
            logits[loved] += 100
            token = int(logits.masked_fill(~mask, -torch.inf).argmax())
            rule.accept(token)
            said.append(token)
        return self.bytes([token for token in said if token not in self.ends]), rule.finished

    def bytes(self, tokens: list[int]) -> str:
        return str(self.tokenizer.backend_tokenizer.decode(tokens, skip_special_tokens=False))


@cache
def make_speaker(kind: str, ends: bool = True) -> Speaker:
    if kind == "byte-level":
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=byte_level_tokenizer())
        return Speaker(tokenizer, frozenset([0]) if ends else frozenset())
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=metaspace_tokenizer(), bos_token="<s>", unk_token="<unk>")
    return Speaker(tokenizer, frozenset([1, 2]) if ends else frozenset())


@pytest.fixture(params=["byte-level", "metaspace"])
def speaker(request: pytest.FixtureRequest) -> Speaker:
    return make_speaker(request.param)


@pytest.fixture(params=["byte-level", "metaspace"])
def endless(request: pytest.FixtureRequest) -> Speaker:
    """A model without an end token."""
    return make_speaker(request.param, ends=False)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: next(iter(schema.values()), "any"))
@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("kind", ["byte-level", "metaspace"])
def test_whatever_the_model_says_fits_the_schema(kind: str, ends: bool, schema: dict[str, Any]) -> None:
    speaker = make_speaker(kind, ends)
    ended = 0
    for seed in range(12):
        text, finished = speaker.speak(speaker.constrain(schema), seed)
        if finished:
            ended += 1
            jsonschema.validate(json.loads(text), schema)
    assert ended >= 3


def test_what_is_cut_off_says_so(speaker: Speaker) -> None:
    rule = speaker.constrain({"type": "string", "minLength": 50})

    assert speaker.speak(rule, seed=0, most=5)[1] is False


def test_a_pydantic_model_reads_the_answer(speaker: Speaker) -> None:
    class Verdict(BaseModel):
        mood: Literal["good", "bad"]
        score: int
        because: list[str] | None = None

    for seed in range(10):
        text, finished = speaker.speak(speaker.constrain(Verdict.model_json_schema()), seed)
        if finished:
            Verdict.model_validate_json(text)


def test_the_answer_is_one_of_the_choices(speaker: Speaker) -> None:
    choices = ("yes", "yes, but", "汉字😀", 'quo"te\\n', "line\nbreak", "\x7f", "très")

    said = [speaker.speak(speaker.constrain(choices=choices), seed) for seed in range(60)]

    assert all(finished for _, finished in said)
    assert {text for text, _ in said} == set(choices)


def test_a_choice_that_is_the_start_of_another_needs_the_end_token(speaker: Speaker, endless: Speaker) -> None:
    rule = speaker.constrain(choices=("a", "ab"))
    rule.accept(int(rule.mask().nonzero()[0]))

    assert not rule.finished
    assert all(rule.mask()[end] for end in speaker.ends)
    with pytest.raises(BadRequest, match="no choice may begin with another"):
        endless.constrain(choices=("a", "ab"))


def test_an_end_token_may_come_only_when_the_text_is_complete(speaker: Speaker) -> None:
    rule = speaker.constrain({"type": "integer", "minimum": 10, "maximum": 99999})
    (end, *_) = sorted(speaker.ends)
    assert not rule.mask()[end]
    with pytest.raises(EngineError, match="does not fit"):
        rule.accept(end)

    rule = speaker.constrain({"type": "integer", "minimum": 1, "maximum": 99999})
    rule.accept(int(rule.mask().nonzero()[0]))
    assert rule.mask()[end]
    rule.accept(end)
    assert rule.finished


def test_hidden_tokens_and_those_beyond_the_tokenizer_never_come(speaker: Speaker) -> None:
    rule = speaker.constrain({"type": "string"})
    quote = next(token for token in rule.mask().nonzero().flatten().tolist() if speaker.bytes([token]) == '"')
    rule.accept(quote)

    mask = rule.mask()

    assert mask.sum() > 100
    assert not mask[:1].any()  # <|endoftext|>, <unk>
    assert not mask[len(speaker.tokenizer) :].any()


@pytest.mark.parametrize("favour", [" ", "\n", " \n\t"])
def test_a_model_that_loves_white_space_ends_all_the_same(speaker: Speaker, favour: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "boolean"}, "b": {"const": 1}}, "required": ["a", "b"]}
    schema["additionalProperties"] = False  # type: ignore[assignment]

    text, finished = speaker.speak(speaker.constrain(schema), seed=1, most=200, favour=favour)

    assert finished
    assert json.loads(text)["b"] == 1


def test_a_token_that_does_not_fit_is_an_error(speaker: Speaker) -> None:
    rule = speaker.constrain({"type": "integer"})
    with pytest.raises(EngineError, match="does not fit"):
        rule.accept(int((~rule.mask()).nonzero()[-1]))


def test_requests_with_the_same_schema_do_not_disturb_each_other(speaker: Speaker) -> None:
    first, second = speaker.constrain(choices=("ab", "cd")), speaker.constrain(choices=("ab", "cd"))
    before = second.mask()

    first.accept(int(before.nonzero()[0]))

    assert torch.equal(second.mask(), before)
    assert not torch.equal(first.mask(), before)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("{", "not JSON"),
        ("[" * 5000, "not JSON"),
        ("true", "must be a JSON object"),
        ('{"type": "wrong"}', "Invalid type: wrong"),
        ('{"not": {}}', "Unimplemented keys"),
        ('{"enum": []}', "Unsatisfiable"),
        ('{"$ref": "#"}', "Nothing fits"),
        ('{"$ref": "https://example.org/schema"}', "not present"),
        ('{"minimum": 2, "maximum": 1, "type": "integer"}', "Unsatisfiable"),
        ('{"type": "string", "pattern": "(?!a)b"}', "look-around"),
        (json.dumps({"enum": ["x" * 70_000]}), "at most 65536"),
        ('{"items":' * 200 + "{}" + "}" * 200, "recursion limit"),
        ('{"type": "integer", "multipleOf": 1234567}', "multipleOf"),
        ('{"x-guidance": {"lenient": true}, "not": {}}', "Unimplemented keys"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_with_a_reason(speaker: Speaker, schema: str, message: str) -> None:
    for _ in range(2):
        with pytest.raises(BadRequest, match=message):
            speaker.grammars.compile(SamplingParams(schema=schema))


def chain(length: int) -> dict[str, Any]:
    """Definitions that each refer to the next one, which llguidance follows by recursion."""
    definitions: dict[str, Any] = {
        str(n): {"type": "array", "items": {"$ref": f"#/$defs/{n + 1}"}} for n in range(length)
    }
    return {"$defs": definitions | {str(length): {}}, "$ref": "#/$defs/0"}


def branches(count: int) -> dict[str, Any]:
    """All of some choices between four: the product of all is what has to be compiled."""
    some = [[{"type": "object", "properties": {f"a{n}": {"const": m}}} for m in range(4)] for n in range(count)]
    return {"allOf": [{"anyOf": options} for options in some]}


@pytest.mark.parametrize(
    "schema",
    [chain(1500), chain(300), branches(6), branches(12)],
    ids=["chain", "short chain", "product", "large product"],
)
def test_a_nasty_schema_neither_crashes_nor_takes_long(schema: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as refusal:
        make_speaker("byte-level").constrain(schema)
    assert not isinstance(refusal.value, GrammarTooHard)


def test_choices_that_cannot_be_said_are_refused(speaker: Speaker) -> None:
    for choice in ("\ud800", "<unk>" if speaker.ends == {1, 2} else "<|endoftext|>"):
        with pytest.raises(BadRequest, match="can't spell"):
            speaker.constrain(choices=("a", choice))
    with pytest.raises(BadRequest, match="more than"):
        speaker.constrain(choices=("x" * 70_000,))


def test_a_tokenizer_that_cannot_be_used_fails_only_what_needs_it() -> None:
    words = Tokenizer(models.BPE({"a": 0, "[UNK]": 1}, [], unk_token="[UNK]"))
    grammars = Grammars(PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]"), 2, frozenset())

    assert grammars.compile(SamplingParams()) is None
    with pytest.raises(BadRequest, match="tokenizer can't be used for structured output"):
        grammars.compile(SamplingParams(choices=("a",)))


def test_a_schema_is_compiled_once_and_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    speaker = make_speaker.__wrapped__("byte-level")
    compiled: list[str] = []
    compile_one = schema.compile_choices
    monkeypatch.setattr(grammar, "MAX_CACHED", 2)
    monkeypatch.setattr(schema, "compile_choices", lambda *given: compiled.append(given[0][0]) or compile_one(*given))

    for choice in "ababacab":
        speaker.constrain(choices=(choice,))

    assert compiled == ["a", "b", "c", "b"]
