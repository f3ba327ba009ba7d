"""The model that ships with the project: it loads, it is small, and it writes words."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from training.sample import MODEL, SAMPLES, Answer, Sample, answer

MAX_BYTES = 40_000_000
WORDS = frozenset((Path(__file__).parent / "words.txt").read_text().split())
"""Lower-case words of two letters or more that are common in English, French, German or Spanish."""

TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "Où est la bibliothèque ? « Là-bas », répondit l'élève.",
    "Die Straße ist naß; Jürgen läuft über die Brücke.",
    "¿Dónde está mañana el niño? ¡Aquí!",
    "你好，世界！我们明天去北京。",
    "🙂 👩‍👩‍👧 🇫🇷 naïve café ½ 𝔘𝔫𝔦",
    "def f(x):\n    if x:\n\t\treturn  [1, 2]\n\n\n",
    " leading and trailing spaces  ",
    "",
]


@pytest.fixture(scope="module")
def model() -> Any:
    return AutoModelForCausalLM.from_pretrained(MODEL, local_files_only=True).eval()


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(MODEL, local_files_only=True)


def words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]+", text.lower()) if len(word) > 1]


def known_share(sample: Sample, reply: Answer) -> float:
    """The share of the reply's words that are common words or stand in the prompt."""
    known = WORDS.union(words(sample.prompt))
    found = words(reply.text)
    return sum(word in known for word in found) / len(found) if found else 0.0


def test_folder_is_small_and_says_that_it_is_a_demo() -> None:
    assert sum(file.stat().st_size for file in MODEL.rglob("*") if file.is_file()) <= MAX_BYTES
    assert json.loads((MODEL / "config.json").read_text())["gptstore_demo"] is True


def test_model_reads_1024_tokens_in_one_go(model: Any, tokenizer: Any) -> None:
    assert model.config.model_type == "qwen3"
    assert model.config.max_position_embeddings == tokenizer.model_max_length == 1024
    assert model.config.eos_token_id == tokenizer.eos_token_id
    assert tokenizer.eos_token == "<|endoftext|>"


@pytest.mark.parametrize("text", TEXTS)
def test_tokenizer_gives_every_text_back_exactly(tokenizer: Any, text: str) -> None:
    assert tokenizer.decode(tokenizer(text).input_ids) == text


def test_tokens_are_words_rather_than_bytes(tokenizer: Any) -> None:
    for text in TEXTS[:5]:
        assert len(tokenizer(text).input_ids) < 0.6 * len(text.encode())


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.task in ("qa", "summarize")], ids=lambda s: s.prompt[-40:])
def test_answers_and_summaries_are_made_of_words(model: Any, tokenizer: Any, sample: Sample) -> None:
    assert known_share(sample, answer(model, tokenizer, sample)) >= 0.7


@pytest.mark.parametrize(
    "sample", [s for s in SAMPLES if s.task == "translate" and "Chinese" not in s.prompt], ids=lambda s: s.prompt[:30]
)
def test_translations_are_sentences_of_words(model: Any, tokenizer: Any, sample: Sample) -> None:
    reply = answer(model, tokenizer, sample)
    assert reply.ended
    assert reply.text.rstrip()[-1] in ".?!"
    assert known_share(sample, reply) >= 0.7


def test_chinese_is_written_in_chinese(model: Any, tokenizer: Any) -> None:
    (sample,) = (s for s in SAMPLES if s.prompt.endswith("Chinese:"))
    reply = answer(model, tokenizer, sample)
    assert reply.ended
    assert re.fullmatch(r"[\u4e00-\u9fff，。？！]+", reply.text.strip())


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.task == "code"], ids=lambda s: s.prompt[:30])
def test_code_begins_as_python_does(model: Any, tokenizer: Any, sample: Sample) -> None:
    assert re.match(r"(def|class|import|from) \w+", answer(model, tokenizer, sample).text)


def test_model_card_gives_the_figures_of_this_model() -> None:
    card = (MODEL / "README.md").read_text()
    training = json.loads((MODEL / "training.json").read_text())
    assert f"| Parameters | {training['parameters']:,} |" in card
    assert f"{training['tokens'] / 1e6:.1f} million in {training['steps']:,} steps" in card
    for stream, loss in training["held_out_losses"].items():
        assert f"| {stream} | {loss:.2f} |" in card


def test_page_gives_the_figures_of_this_model() -> None:
    page = (MODEL.parents[1] / "docs" / "mini-model.md").read_text()
    for skill, result in json.loads((MODEL / "evaluation.json").read_text())["results"].items():
        for measure in result["figures"]["model"].keys() - {"chosen", "sentence_rows"}:
            value = result["figures"]["model"][measure]
            shown = f"{value:.2f}" if value < 10 else f"{value:.1f}"
            assert f"| {skill} | {result['rows']} | {measure.replace('_', ' ')} | {shown} |" in page


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        ("Who built the lighthouse?", "Thomas Hale"),
        ("Where is my blue book?", "Où est mon livre bleu ?"),
        ("I want to drink a cup of tea.", "Quiero tomar una taza de té."),
        ("Je ne sais pas où il habite.", "I don't know where he lives."),
        ("find the sum of all even numbers", "if x % 2 == 0"),
    ],
)
def test_it_is_right_about_simple_things(model: Any, tokenizer: Any, sample: str, said: str) -> None:
    (asked,) = (one for one in SAMPLES if sample in one.prompt)
    assert said in answer(model, tokenizer, asked).text
