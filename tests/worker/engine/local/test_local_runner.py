"""The engine that runs Hugging Face models."""

import json
import shutil
from pathlib import Path
from threading import Thread

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tests.worker.engine.listener import Listener, ask
from tests.worker.engine.models import CHAT_TEMPLATE
from worker.engine.compute.batch import Batch
from worker.engine.errors import BadRequest, OutOfMemory
from worker.engine.local.loading import load_engine
from worker.engine.model.patched_model import PatchedModel
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Message, Request
from worker.engine.request_state import StepOutput
from worker.engine.text.tokenizer import PromptTokenizer

PROMPT = "The quick brown"
CHAT = (Message("system", "Be brief."), Message("user", "你好 dog"))


@pytest.fixture
def ending_folder(gpt2_folder: Path, tmp_path: Path) -> Path:
    """The model, with the third and the sixth token of its greedy answer to PROMPT as ends of a text."""
    folder = tmp_path / "ending"
    shutil.copytree(gpt2_folder, folder)
    answer = greedy_tokens(gpt2_folder, PROMPT, 8)
    settings = json.loads((folder / "generation_config.json").read_text())
    settings["eos_token_id"] = [answer[5], answer[2]]
    (folder / "generation_config.json").write_text(json.dumps(settings))
    return folder


def greedy_tokens(folder: Path, prompt: str, count: int) -> list[int]:
    """What transformers itself says."""
    tokens = AutoTokenizer.from_pretrained(folder)(prompt, return_tensors="pt")
    model = AutoModelForCausalLM.from_pretrained(folder)
    output = model.generate(**tokens, max_new_tokens=count, do_sample=False)
    return list(output[0, tokens.input_ids.shape[1] :].tolist())


def test_the_streamed_text_is_what_generate_says(gpt2: Engine, gpt2_folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(gpt2_folder)
    whole = tokenizer.decode(greedy_tokens(gpt2_folder, PROMPT, 40), skip_special_tokens=True)

    text = ask(gpt2, PROMPT, max_tokens=40, temperature=0).text("only")

    assert text
    assert whole in (text, text + "\ufffd")


def test_a_metaspace_models_text_goes_on_where_the_prompt_ends(llama: Engine, llama_folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(llama_folder)
    prompt = tokenizer(PROMPT).input_ids
    answer = greedy_tokens(llama_folder, PROMPT, 40)
    whole = tokenizer.decode(prompt + answer, skip_special_tokens=True)

    text = ask(llama, PROMPT, max_tokens=40, temperature=0).text("only")

    assert PROMPT + text == whole.rstrip("\ufffd")


def test_the_same_seed_gives_the_same_text(gpt2: Engine) -> None:
    def text(seed: int) -> str:
        return ask(gpt2, PROMPT, max_tokens=30, temperature=1, top_p=0.9, top_k=40, seed=seed).text("only")

    assert text(5) == text(5)
    assert text(5) != text(6)


def test_a_huge_text_keeps_nobody_waiting_while_it_is_counted(gpt2: Engine) -> None:
    listener = Listener()
    gpt2.submit(Request("others", PROMPT, SamplingParams(max_tokens=20, ignore_end=True)), listener)
    counting = Thread(target=gpt2.count_tokens, args=("The quick brown fox " * 100_000,))
    counting.start()

    listener.wait_for_finish("others")

    assert counting.is_alive()
    counting.join()


def test_messages_go_through_the_chat_template(llama: Engine, llama_folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(llama_folder)
    turns = [{"role": message.role, "content": message.content} for message in CHAT]
    expected = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False)

    finish = ask(llama, CHAT, max_tokens=2).wait_for_finish("only")

    assert llama.info.is_chat
    assert finish.usage.prompt_tokens == len(expected) == llama.count_tokens(CHAT)


def test_a_model_that_can_think_aloud_is_asked_not_to(llama_folder: Path) -> None:
    # Given a template with the switch that Qwen3 and SmolLM3 have
    tokenizer = AutoTokenizer.from_pretrained(llama_folder)
    tokenizer.chat_template = "{{ messages[0].content }}{% if enable_thinking is not false %} think{% endif %}"

    assert PromptTokenizer(tokenizer).encode((Message("user", "say"),)) == tokenizer.encode(
        "say", add_special_tokens=False
    )


def test_messages_are_refused_without_a_chat_template(gpt2: Engine) -> None:
    error = ask(gpt2, CHAT).wait_for_finish("only").error

    assert not gpt2.info.is_chat
    assert isinstance(error, BadRequest)
    assert "chat template" in error.message
    with pytest.raises(BadRequest, match="chat template"):
        gpt2.count_tokens(CHAT)


def test_messages_that_the_template_refuses_are_a_bad_request(llama_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(llama_folder, tmp_path / "strict")
    refusal = "{% if 'dog' in messages[-1].content %}{{ raise_exception('No dogs.') }}{% endif %}" + CHAT_TEMPLATE
    (tmp_path / "strict" / "chat_template.jinja").write_text(refusal)
    engine = load_engine(str(tmp_path / "strict"))

    error = ask(engine, CHAT).wait_for_finish("only").error
    engine.close()

    assert isinstance(error, BadRequest)
    assert "No dogs." in error.message


@pytest.mark.parametrize("prompt", ["", ()])
def test_an_empty_prompt_is_a_bad_request(llama: Engine, prompt: str | tuple[Message, ...]) -> None:
    assert llama.count_tokens(prompt) == 0
    assert isinstance(ask(llama, ()).wait_for_finish("only").error, BadRequest)


def test_counting_agrees_with_the_tokenizer_from_many_threads(gpt2: Engine, gpt2_folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(gpt2_folder)
    texts = ["Grüße 你好 😀 " * times for times in range(1, 30)]
    expected = [len(tokenizer(text).input_ids) for text in texts]
    counted: list[list[int]] = []

    threads = [
        Thread(target=lambda: counted.append([gpt2.count_tokens(text) for text in texts for _ in range(5)][::5]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    ask(gpt2, PROMPT, max_tokens=20)
    for thread in threads:
        thread.join()

    assert counted == [expected] * 8


def test_any_of_several_end_tokens_ends_the_text_and_is_not_shown(ending_folder: Path, gpt2_folder: Path) -> None:
    engine = load_engine(str(ending_folder))
    answer = greedy_tokens(gpt2_folder, PROMPT, 8)
    first_end = next(at for at, token in enumerate(answer) if token in (answer[2], answer[5]))

    heard = ask(engine, PROMPT, max_tokens=8, temperature=0)
    on = ask(engine, PROMPT, max_tokens=8, temperature=0, ignore_end=True)
    engine.close()

    finish = heard.wait_for_finish("only")
    assert finish.reason == "stop"
    assert finish.usage.completion_tokens == first_end + 1
    shown = AutoTokenizer.from_pretrained(ending_folder).decode(answer[:first_end])
    assert heard.text("only") == shown.rstrip("\ufffd")
    assert on.wait_for_finish("only").usage.completion_tokens == 8


def test_a_token_that_only_the_tokenizer_knows_is_refused_before_it_can_harm_others(
    gpt2_folder: Path, tmp_path: Path
) -> None:
    """On a GPU, reading it would end the engine; some models have such tokens, and a template may hold their names."""
    folder = tmp_path / "image"
    shutil.copytree(gpt2_folder, folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<image>"]})
    tokenizer.chat_template = "<image>{{ messages[0].content }}"
    tokenizer.save_pretrained(folder)
    engine = load_engine(str(folder), device="cpu")

    finish = ask(engine, (Message("user", "Look"),)).wait_for_finish("only")
    with pytest.raises(BadRequest):
        engine.score((Message("user", "Look"),), " at this")
    written = ask(engine, "Look at <image>", max_tokens=1).wait_for_finish("only")
    engine.close()

    assert isinstance(finish.error, BadRequest)
    assert "special token" in finish.error.message
    assert written.error is None


def test_an_unexpected_failure_ends_one_request_only(
    gpt2: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: PatchedModel, batch: Batch) -> None:
        raise RuntimeError("secret detail")

    with monkeypatch.context() as patched:
        patched.setattr(PatchedModel, "run", fail)
        finish = ask(gpt2, PROMPT).wait_for_finish("only")

    assert finish.reason == "error"
    assert finish.error is not None
    assert (finish.error.code, finish.error.retryable) == ("engine_error", True)
    assert "secret" not in finish.error.message
    assert "secret detail" in caplog.text
    assert ask(gpt2, PROMPT, max_tokens=2).wait_for_finish("only").reason == "length"


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:119] err == 0. DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_running_out_of_memory_is_told_as_such(gpt2: Engine, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(self: PatchedModel, batch: Batch) -> None:
        raise error

    monkeypatch.setattr(PatchedModel, "run", fail)
    finish = ask(gpt2, PROMPT).wait_for_finish("only")

    assert isinstance(finish.error, OutOfMemory)
    assert finish.error.retryable


def test_a_request_for_more_memory_than_there_is_fails_alone(gpt2: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The allocator's real message is recognised."""
    run = PatchedModel.run

    def allocate(self: PatchedModel, batch: Batch) -> object:
        torch.empty(2**60, dtype=torch.uint8)
        return run(self, batch)

    with monkeypatch.context() as patched:
        patched.setattr(PatchedModel, "run", allocate)
        finish = ask(gpt2, PROMPT).wait_for_finish("only")

    assert isinstance(finish.error, OutOfMemory)
    assert ask(gpt2, PROMPT, max_tokens=2).wait_for_finish("only").reason == "length"


@pytest.mark.parametrize("text", ["你好，世界。𠮷野家的龘字", "Zoë 🦄 plants 🌻🌷, says 🙋🏾‍♀️ and flies 🧑🏿‍🚀"])
def test_chinese_and_emoji_arrive_in_whole_characters(
    gpt2: Engine, gpt2_folder: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    tokens = AutoTokenizer.from_pretrained(gpt2_folder)(text).input_ids
    said = iter(tokens)
    monkeypatch.setattr(
        "worker.engine.local.local_runner.sample", lambda _, samplers: [StepOutput(next(said)) for _ in samplers]
    )

    heard = ask(gpt2, PROMPT, max_tokens=len(tokens))

    assert heard.text("only") == text
    assert all("\ufffd" not in output.text for output in heard.outputs)
    assert 5 < sum(bool(output.text) for output in heard.outputs) < len(tokens)
