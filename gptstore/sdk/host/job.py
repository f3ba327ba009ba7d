"""One job in its child: runs the tool, and reports its end."""

from __future__ import annotations

import errno
import mmap
import traceback
from contextlib import closing

from gptstore.sdk.errors import Canceled, InputError, ParameterError, ToolError
from gptstore.sdk.execute import run_tool
from gptstore.sdk.host import messages
from gptstore.sdk.host.channel import Channel
from gptstore.sdk.host.context import JobContext, as_note
from gptstore.sdk.host.denials import Denials
from gptstore.sdk.host.errors import BadMessage, ModelRefused
from gptstore.sdk.host.port import Port
from gptstore.sdk.plugins import Loaded
from gptstore.sdk.text import storable
from gptstore.sdk.tool_settings import read_settings

RESERVE = 2_000_000
"""Bytes of memory reserved for the last message. They are mapped and not used, so they take none."""

MAX_TRACEBACK = 20_000


def run_job(channel: Channel, plugins: Loaded) -> None:
    """Run what `start` names and report its end, also when the tool has left no memory for that."""
    reserve = mmap.mmap(-1, RESERVE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    try:
        start = channel.receive()
        if not isinstance(start, messages.Start):
            raise BadMessage("the first message must be `start`")
        ending = execute_counting(start, channel, plugins) if start.counts_denials else execute(start, channel, plugins)
    except (MemoryError, SystemError):  # the latter where there is no memory for the former
        reserve.close()
        ending = messages.Failed(reason="memory")
    channel.send(ending)


def execute_counting(start: messages.Start, channel: Channel, plugins: Loaded) -> messages.Finished | messages.Failed:
    """Run the tool, and add the calls to the message of its end that the system denied."""
    denials = Denials()
    denials.listen()
    ending = execute(start, channel, plugins)
    return ending.model_copy(update={"denied": denials.end()})


def execute(start: messages.Start, channel: Channel, plugins: Loaded) -> messages.Finished | messages.Failed:
    """Run the tool and return the message of its end."""
    tool = plugins.find(start.tool)
    if tool is None:
        return messages.Failed(reason="crashed", code="ToolMissing", message=f"The plugin has no tool {start.tool!r}.")
    port = Port(channel)
    try:
        context = JobContext(port, start, read_settings(tool.settings, start.settings))
        with closing(run_tool(tool, start.input, context)) as pieces:
            for piece in pieces:
                port.output(piece)
    except Canceled:
        return messages.Failed(reason="canceled")
    except ToolError as error:
        return messages.Failed(reason="tool", message=as_note(error.message))
    except InputError as error:
        return messages.Failed(reason="input", message=as_note(str(error)))
    except ParameterError as error:
        return messages.Failed(reason="parameters", message=as_note(str(error)))
    except ModelRefused as error:
        return messages.Failed(reason="refused", code=error.code, message=as_note(error.message))
    except MemoryError:
        raise
    except BaseException as error:
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            return messages.Failed(reason="disk")
        trace = storable(traceback.format_exc()[-MAX_TRACEBACK:], "?")
        return messages.Failed(reason="crashed", code=type(error).__name__[:200], message=trace)
    return messages.Finished()
