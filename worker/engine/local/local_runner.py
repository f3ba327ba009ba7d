"""A Hugging Face causal language model in this process: one model, every request in one batch."""

from collections.abc import Sequence

import torch
from torch import Tensor

from worker.engine.compute.arena import Arena
from worker.engine.compute.batch import arrange, build
from worker.engine.errors import BadRequest, PromptTooLong
from worker.engine.local.generation import Writing, score, skipped_rows, wanted_rows, write
from worker.engine.local.memory import free_memory, is_fatal, is_out_of_memory
from worker.engine.loop.model_runner import Core, Made
from worker.engine.loop.prefix import Extent
from worker.engine.loop.scheduler import Chunk, Plan
from worker.engine.model.patched_model import Network
from worker.engine.params import DEFAULT_MAX_TOKENS, SamplingParams
from worker.engine.protocol import ModelInfo, Prompt
from worker.engine.request_state import Ticket
from worker.engine.sampling.grammar import Constraint, Grammars
from worker.engine.sampling.sampling import Sampler, pick
from worker.engine.text.tokenizer import Codec


class LocalCore(Core[Writing]):
    """Runs a network. `max_tokens` is cut to what fits into the context after the prompt.

    arena: where keys and values are kept. codec: the model's tokenizer. ends: the tokens that end a text.
    grammars: what can hold an answer to a schema or to choices; None: such requests are refused.
    """

    def __init__(
        self,
        network: Network,
        arena: Arena,
        codec: Codec,
        info: ModelInfo,
        ends: frozenset[int],
        grammars: Grammars | None = None,
    ) -> None:
        self.info = info
        self._network: Network | None = network
        self._arena: Arena | None = arena
        self._codec = codec
        self._ends = ends
        self._grammars = grammars
        self._unseen: dict[Writing, Extent] = {}
        self._vocabulary = network.vocabulary
        network.adopt(arena)

    def count_tokens(self, prompt: Prompt) -> int:
        return len(self._codec.encode(prompt))

    def open(self, ticket: Ticket) -> Writing:
        request, params = ticket.request, ticket.request.params
        if request.continuation is None:
            tokens = self._codec.encode(request.prompt)
            prompt_length = len(tokens)
            room = self.info.context_length - prompt_length
            longest = prompt_length + min(params.max_tokens or DEFAULT_MAX_TOKENS, room)
        else:
            tokens, prompt_length = self._codec.encode_continued(request.prompt, request.continuation)
            room = self.info.context_length - len(tokens) + 1
            longest = len(tokens)
        if room < 1:
            raise PromptTooLong(len(tokens), self.info.context_length)
        if max(tokens) >= self._vocabulary:  # a tokenizer may know more tokens, such as those of images
            raise BadRequest("The text contains a special token that this model can't read.")
        return Writing(
            tokens=tokens,
            prompt_length=prompt_length,
            longest=longest,
            reusable=prompt_length - 1,
            group=request.group,
            weight=request.weight,
            ticket=ticket,
            sampler=Sampler(params, tokens, self._constrain(params)),
            detokenizer=self._codec.detokenizer(request.prompt, tokens),
            ends=frozenset() if params.ignore_end else self._ends,
            scored=request.continuation is not None,
        )

    def _constrain(self, params: SamplingParams) -> Constraint | None:
        if self._grammars is not None:
            return self._grammars.compile(params)
        if params.is_constrained:
            raise BadRequest("This engine can't hold an answer to a schema or to choices.")
        return None

    @torch.inference_mode()
    def run(self, plan: Plan[Writing]) -> list[Made[Writing]]:
        assert self._network and self._arena
        self._wipe_unseen(plan.chunks)
        self._arena.move(plan.moves)
        chunks = arrange(plan.chunks)
        wanted = [wanted_rows(chunk) for chunk in chunks]
        rows: list[int] = []
        first = 0
        for chunk, count in zip(chunks, wanted, strict=True):
            first += chunk.count
            rows += range(first - count - skipped_rows(chunk), first - skipped_rows(chunk))
        logits = self._network.run(build(chunks, rows, self._arena.device, pad=self._network.pads))
        return self._read_off(chunks, wanted, logits)

    def _wipe_unseen(self, chunks: Sequence[Chunk[Writing]]) -> None:
        """Wipe places that were left in the middle of a prompt.

        Nobody saw whether there are numbers in them, and what is none would spread to whoever gets such a place.
        """
        assert self._arena
        for writing, extent in list(self._unseen.items()):
            if writing.extent is not extent:
                self._arena.clear(extent.start, extent.size)
                del self._unseen[writing]
        for chunk in chunks:
            if chunk.is_last:
                self._unseen.pop(chunk.sequence, None)
            elif chunk.sequence.extent:
                self._unseen[chunk.sequence] = chunk.sequence.extent

    def _read_off(self, chunks: Sequence[Chunk[Writing]], wanted: list[int], logits: Tensor) -> list[Made[Writing]]:
        """Make tokens and scores from the logits, `wanted[i]` rows of which belong to `chunks[i]`."""
        assert self._arena
        made: list[Made[Writing]] = []
        writers: list[Writing] = []
        rows: list[int] = []
        at = 0
        for chunk, count in zip(chunks, wanted, strict=True):
            if chunk.sequence.scored:
                made.append(score(chunk, logits[at : at + count]))
            elif count:
                writers.append(chunk.sequence)
                rows.append(at)
            at += count
        if writers:
            mine = logits if len(rows) == len(logits) else logits[rows]
            picks = pick(mine, [writer.sampler for writer in writers])
            made += [write(writer, one) for writer, one in zip(writers, picks, strict=True)]
        for one in made:
            if one.error and one.generation.extent:  # what is not a number there would spread to its neighbours
                self._arena.clear(one.generation.extent.start, one.generation.extent.size)
        return made

    def is_out_of_memory(self, error: Exception) -> bool:
        if is_out_of_memory(error):
            free_memory()
            return True
        return False

    def is_fatal(self, error: Exception) -> bool:
        return is_fatal(error)

    def close(self) -> None:
        self._network = self._arena = None
        free_memory()
