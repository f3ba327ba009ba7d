"""A Hugging Face causal language model in this process: one model, every request in one batch."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from worker.engine.answer_length import AnswerLength
from worker.engine.compute.arena import Arena
from worker.engine.compute.batch import arrange, build_batch
from worker.engine.errors import BadRequest, PromptTooLong
from worker.engine.local.generation import Generation, extend, score, skipped_rows, wanted_rows
from worker.engine.local.memory import free_memory, is_fatal, is_out_of_memory
from worker.engine.local.thinking import ThinkingGuide
from worker.engine.loop.model_runner import ModelRunner
from worker.engine.loop.prefix import Extent
from worker.engine.loop.scheduler import Plan
from worker.engine.loop.turns import Turns
from worker.engine.model.patched_model import PatchedModel
from worker.engine.params import SamplingParams
from worker.engine.prompt_size import characters, pieces_to_count
from worker.engine.protocol import ModelInfo, Prompt
from worker.engine.request_state import RequestState, StepOutput
from worker.engine.sampling.grammar import Constraint, Grammars
from worker.engine.sampling.sampling import Sampler, sample
from worker.engine.text.tokenizer import PromptTokenizer

MAX_UNFAIR = 8_192
"""Characters that are tokenized without a turn: a few milliseconds."""

Result = tuple[Generation, StepOutput]


class LocalRunner(ModelRunner[Generation]):
    """Runs a patched model. `max_tokens` is cut to what fits into the context after the prompt.

    arena: the memory of the KV cache. ends: the tokens that end a text.
    grammars: compiles schemas and choices; None: requests with either are refused.
    """

    def __init__(
        self,
        model: PatchedModel,
        arena: Arena,
        tokenizer: PromptTokenizer,
        info: ModelInfo,
        ends: frozenset[int],
        grammars: Grammars | None = None,
    ) -> None:
        self.info = info
        self._model: PatchedModel | None = model
        self._arena: Arena | None = arena
        self._tokenizer = tokenizer
        self._ends = ends
        self._grammars = grammars
        self._unseen: dict[Generation, Extent] = {}
        self._logits = torch.empty(0, 0)
        self._guessing: list[tuple[Generation, int]] = []  # each with its row of the step's logits
        self._vocabulary = model.vocabulary
        self._turns = Turns(max(1, (os.cpu_count() or 1) // 4))
        model.use_arena(arena)

    def count_tokens(self, prompt: Prompt, group: str) -> int:
        count = 0
        for piece in pieces_to_count(prompt, self.info.context_length):
            with self._turn(group, piece):
                count += len(self._tokenizer.encode(piece))
        return count

    def _turn(self, group: str, prompt: Prompt, continuation: str = "") -> AbstractContextManager[None]:
        """Take a turn to tokenize a long text, which takes up to a second of a core."""
        size = characters(prompt) + len(continuation)
        return self._turns.take(group, size) if size > MAX_UNFAIR else nullcontext()

    def tokenize(self, state: RequestState) -> Generation:
        request, params = state.request, state.request.params
        if request.continuation is None:
            with self._turn(request.group, request.prompt):
                tokens = self._tokenizer.encode(request.prompt, thinking=params.thinking)
            state.thoughts = self._tokenizer.thoughts(request.prompt, params)
            prompt_length = len(tokens)
            room = self.info.context_length - prompt_length
            length = AnswerLength(params, room, state.thoughts)
            max_length = prompt_length + length.longest(0)
        else:
            with self._turn(request.group, request.prompt, request.continuation):
                tokens, prompt_length = self._tokenizer.encode_continued(request.prompt, request.continuation)
            room = self.info.context_length - len(tokens) + 1
            length, max_length = None, len(tokens)
        if room < 1:
            raise PromptTooLong(len(tokens), self.info.context_length)
        if max(tokens) >= self._vocabulary:  # a tokenizer may know more tokens, such as those of images
            raise BadRequest("The text contains a special token that this model can't read.")
        constraint = self._constrain(params, request.group)
        guide = None
        if length is not None and state.thoughts is not None:
            later = constraint if state.thoughts.is_open else None
            guide = ThinkingGuide(state.thoughts, length, self._tokenizer.encode_text, later)
            constraint = None if later else constraint
        return Generation(
            tokens=tokens,
            prompt_length=prompt_length,
            max_length=max_length,
            reusable=prompt_length - 1,
            group=request.group,
            weight=request.weight,
            state=state,
            sampler=Sampler(params, tokens, constraint),
            detokenizer=self._tokenizer.detokenizer(request.prompt, tokens),
            ends=frozenset() if params.ignore_end else self._ends,
            spell=self._tokenizer.spell,
            scored=request.continuation is not None,
            guide=guide,
        )

    def _constrain(self, params: SamplingParams, group: str) -> Constraint | None:
        if self._grammars is not None:
            return self._grammars.compile(params, group)
        if params.is_constrained:
            raise BadRequest("This engine can't hold an answer to a schema or to choices.")
        return None

    @torch.inference_mode()
    def run(self, plan: Plan[Generation]) -> list[Result]:
        assert self._model and self._arena
        self._clear_unseen(plan.sequences)
        self._arena.move(plan.moves)
        generations = arrange(plan.sequences)
        wanted = [wanted_rows(generation) for generation in generations]
        logits = self._read(generations, wanted)
        if any(one.draft for one in generations) and not _are_finite(generations, wanted, logits):
            self._forget_guesses(generations)
            return self.run(Plan([], generations))
        return self._results(generations, wanted, logits)

    def _read(self, generations: Sequence[Generation], wanted: Sequence[int]) -> Tensor:
        """Run the model on arranged generations; return the logits of the last `wanted[i]` rows of each."""
        assert self._model and self._arena
        rows: list[int] = []
        end = 0
        for generation, count in zip(generations, wanted, strict=True):
            end += generation.scheduled
            skipped = skipped_rows(generation)
            rows += range(end - count - skipped, end - skipped)
        return self._model.run(build_batch(generations, rows, self._arena.device, pad=self._model.pads))

    def _forget_guesses(self, generations: Sequence[Generation]) -> None:
        """Take back all guesses of a step: one that the model can't read must not harm what comes before it."""
        assert self._arena
        for one in generations:
            if one.draft and one.extent:
                self._arena.clear(one.extent.start, one.extent.size, len(one.tokens))
                one.scheduled -= len(one.draft)
                one.draft = []

    def _clear_unseen(self, generations: Sequence[Generation]) -> None:
        """Set extents to zero that were left in the middle of a prompt.

        No output has shown whether they are finite, and a NaN would spread to the request that gets such an extent.
        """
        assert self._arena
        for generation, extent in list(self._unseen.items()):
            if generation.extent is not extent:
                self._arena.clear(extent.start, extent.size)
                del self._unseen[generation]
        for generation in generations:
            if generation.reads_last:
                self._unseen.pop(generation, None)
            elif generation.extent:
                self._unseen[generation] = generation.extent

    def _results(self, generations: Sequence[Generation], wanted: list[int], logits: Tensor) -> list[Result]:
        """Sample tokens and scores from the logits, `wanted[i]` rows of which belong to `generations[i]`."""
        results: list[Result] = []
        sampled: list[tuple[Generation, int]] = []
        at = 0
        for generation, count in zip(generations, wanted, strict=True):
            if generation.scored:
                results.append((generation, score(generation, logits[at : at + count])))
            elif count:
                sampled.append((generation, at))
            at += count
        self._logits, self._guessing = logits, [(one, row) for one, row in sampled if one.draft]
        return self._checked(results + self._sample(sampled))

    @torch.inference_mode()
    def confirm(self) -> list[Result]:
        self._guessing = [(one, row + 1) for one, row in self._guessing if one.extent and one.confirm_guess()]
        if not self._guessing:
            self._logits = torch.empty(0, 0)  # those of a long text that is scored take much memory
        return self._checked(self._sample(self._guessing))

    def _sample(self, sampled: Sequence[tuple[Generation, int]]) -> list[Result]:
        """Sample the next token of each, given with its row of the logits."""
        if not sampled:
            return []
        for generation, _ in sampled:
            generation.prepare()
        rows = [row for _, row in sampled]
        own = self._logits if len(rows) == len(self._logits) else self._logits[rows]
        outputs = sample(own, [generation.sampler for generation, _ in sampled])
        return [(one, extend(one, output)) for (one, _), output in zip(sampled, outputs, strict=True)]

    def _checked(self, results: list[Result]) -> list[Result]:
        """Return the results, once nothing that failed is left in the cache."""
        assert self._arena
        for generation, output in results:
            if output.error and generation.extent:  # a NaN there would spread to its neighbours
                self._arena.clear(generation.extent.start, generation.extent.size)
        return results

    def is_out_of_memory(self, error: Exception) -> bool:
        if is_out_of_memory(error):
            free_memory()
            return True
        return False

    def is_fatal(self, error: Exception) -> bool:
        return is_fatal(error)

    def free(self) -> None:
        self._model = self._arena = None
        if self._grammars is not None:
            self._grammars.close()
        free_memory()


def _are_finite(generations: Sequence[Generation], wanted: Sequence[int], logits: Tensor) -> bool:
    """Return whether all logits are finite of those that guess."""
    own = [part for one, part in zip(generations, logits.split(list(wanted)), strict=True) if one.draft]
    return all(bool(part.amax(-1).isfinite().all()) for part in own)
