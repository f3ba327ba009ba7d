"""What tools ask of the engine besides text: forms, choices and scores, over a script and a real model."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from gptstore.catalog.models import Tool as ToolRow
from gptstore.jobs.logprobs import decode_logprobs
from gptstore.jobs.models import Status
from gptstore.sdk import Canceled
from gptstore.sdk.logprobs import from_stored
from tests.worker import tools
from tests.worker.conftest import Workshop
from tests.worker.engine.models import save_gpt2, save_llama
from worker.engine.local.loading import load_engine
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Request
from worker.jobs.run_end import EndReason

Open = Callable[..., Workshop]
OpenEngine = Callable[..., Engine]

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_a_tool_asks_reaches_the_engine_whole(workshop: Open, open_engine: OpenEngine) -> None:
    seen: list[Request] = []

    def script(request: Request) -> Iterable[str]:
        seen.append(request)
        return ['{"words": ["a"]}'] if request.params.schema else ["cold"]

    here = workshop(tools.fills_form, tools.sorts, tools.gives_everything, engine=open_engine(script))

    assert json.loads(here.run(tools.fills_form).output) == {"words": ["a"]}
    assert here.run(tools.sorts).output == "cold"
    here.run(tools.gives_everything)

    form, choice, everything = seen
    assert json.loads(form.params.schema or "")["required"] == ["words"]
    assert form.params.max_tokens == 60
    assert (choice.params.choices, choice.params.temperature) == (("warm", "cold"), 0)
    assert everything.params == SamplingParams(
        max_tokens=5, temperature=1, top_p=0.5, top_k=3, min_p=0.1, repetition_penalty=1.5
    )


def test_thoughts_reach_the_tool_that_asks_for_them_and_are_paid_for(workshop: Open, open_engine: OpenEngine) -> None:
    pieces = ["<think>", "Hm, ", "Hm.", "</think>", "\n", "four ", "five"]

    job = workshop(tools.ponders, engine=open_engine(lambda _: pieces)).run(tools.ponders)

    assert job.output == "four five[Hm, Hm.]"
    assert job.completion_tokens == len(pieces)


def test_log_probabilities_of_what_a_tool_passes_on_are_kept_and_published(
    workshop: Open, open_engine: OpenEngine
) -> None:
    here = workshop(tools.weighs, tools.echo, engine=open_engine(lambda _: ["a\0 ", "小 "]))

    job, other = here.run(tools.weighs), here.run(tools.echo)

    kept = decode_logprobs(job.logprobs)
    assert (job.output, kept) == ("a 小 ", [["a\0 ", 0.0, []], ["小 ", 0.0, []]])
    published = [event.data.get("logprobs", []) for event in here.events(job) if event.name == "output"]
    assert [one for some in published for one in some] == kept
    assert other.logprobs == ""
    assert all("logprobs" not in event.data for event in here.events(other))


def test_a_real_model_s_log_probabilities_are_kept_with_their_tokens(workshop: Open, real_engine: Engine) -> None:
    job = workshop(tools.weighs, engine=real_engine).run(tools.weighs, text="It was")

    tokens = from_stored(decode_logprobs(job.logprobs))
    assert b"".join(one.token for one in tokens).decode(errors="replace").strip() == job.output.strip()
    assert all(one.logprob <= 0 and len(one.top) == 2 for one in tokens)
    assert all(one.top[0].logprob >= max(one.logprob, one.top[1].logprob) for one in tokens)


def test_log_probabilities_count_for_the_limit_of_the_output(workshop: Open, open_engine: OpenEngine) -> None:
    here = workshop(tools.weighs, engine=open_engine(lambda _: ["word "] * 20))
    ToolRow.objects.filter(slug=here.add(tools.weighs).slug).update(limits={"max_output_bytes": 300})

    job = here.run(tools.weighs)

    assert (job.status, job.error_code, job.logprobs) == (Status.FAILED, "limit_exceeded", "")


def test_an_answer_that_is_cut_off_fails_the_job_with_advice(workshop: Open, open_engine: OpenEngine) -> None:
    job = workshop(tools.fills_form, engine=open_engine(lambda _: ['{"words": ["a'])).run(tools.fills_form)

    assert (job.status, job.error_code) == (Status.FAILED, "tool_error")
    assert "raise max_tokens" in job.error_message


@pytest.fixture(params=[save_gpt2, save_llama], ids=["gpt2", "llama"])
def real_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterable[Engine]:
    engine = load_engine(str(request.param(tmp_path / "model")), device="cpu")
    yield engine
    engine.close()


def test_a_real_model_fills_a_form(workshop: Open, real_engine: Engine) -> None:
    here = workshop(tools.fills_form, engine=real_engine)
    jobs = [here.run(tools.fills_form, text=f"words {number}") for number in range(12)]

    for job in jobs:
        if job.status == Status.SUCCEEDED:
            assert set(json.loads(job.output)) == {"words"}
        else:
            assert "raise max_tokens" in job.error_message
    assert Status.SUCCEEDED in {job.status for job in jobs}


def test_a_real_model_chooses(workshop: Open, real_engine: Engine) -> None:
    job = workshop(tools.sorts, engine=real_engine).run(tools.sorts, text="The water is ")

    assert (job.status, job.output in {"warm", "cold"}) == (Status.SUCCEEDED, True)


def test_a_score_is_that_of_the_engine_and_is_counted(workshop: Open, real_engine: Engine) -> None:
    job = workshop(tools.rates, engine=real_engine).run(tools.rates, text="The fox")

    expected = real_engine.score("The fox", " and more")
    assert len(expected) > 1
    assert (job.status, job.output) == (Status.SUCCEEDED, ",".join(f"{one:.2f}" for one in expected))
    assert job.prompt_tokens > 0


def test_a_stopped_run_gets_no_score(workshop: Open, real_engine: Engine) -> None:
    run = workshop(tools.rates, engine=real_engine).begin(tools.rates)
    run.stop()

    with pytest.raises(Canceled):
        run.score("The fox", " ran")
    assert run.requests.open == set()


def test_a_score_of_a_closed_engine_hands_the_run_back(workshop: Open, open_engine: OpenEngine) -> None:
    engine = open_engine()
    run = workshop(tools.rates, engine=engine).begin(tools.rates)
    engine.close()

    with pytest.raises(Canceled):
        run.score("The fox", " ran")
    assert run.end.reason is EndReason.ENGINE_DIED
