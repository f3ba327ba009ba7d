"""Escapes markers in texts for a server, whose tokenizer would read them as its own: <|im_end|> becomes < |im_end|>."""

import re
from dataclasses import replace

from worker.engine.protocol import Message, Prompt, Request

_MARKER = re.compile(
    r"""
      < (?= \|[^<>\s]{1,40}> | [^<>\s]{1,40}\|> | \|[^<>|\n]{1,60}\|> )   # ChatML, Llama 3, Phi, GLM, GPT-OSS
    | < (?= ｜[^<>\n]{1,60}｜> )                                           # DeepSeek
    | < (?= /?s> | (?:bos|eos|pad|unk|mask|cls|sep|sop|eop)> )             # SentencePiece, BERT
    | < (?= (?:start|end)_of_[a-z]+> | end_of_utterance> | unused\d+> )    # Gemma, SmolVLM
    | < (?= /?tool_(?:call|calls|response|responses)> | <SYS>> | </SYS>> ) # Qwen, Llama 2
    | \[ (?= /?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT)\] )   # Mistral
    | \[ (?= (?:CLS|SEP|MASK|PAD|UNK|gMASK)\] )                                                  # BERT, GLM
    """,
    re.VERBOSE,
)


def escape(text: str) -> str:
    """Put a space after the first character of each marker of a well-known form.

    Nobody can ask a server for its model's markers, or tell it that they are text. A space is read by every tokenizer,
    where characters without a width may be dropped.
    """
    return _MARKER.sub(lambda found: f"{found[0]} ", text)


def escape_prompt(prompt: Prompt) -> Prompt:
    if isinstance(prompt, str):
        return escape(prompt)
    return tuple(Message(message.role, escape(message.content)) for message in prompt)


def escape_request(request: Request) -> Request:
    """Return the request with its prompt and continuation escaped."""
    continuation = None if request.continuation is None else escape(request.continuation)
    return replace(request, prompt=escape_prompt(request.prompt), continuation=continuation)
