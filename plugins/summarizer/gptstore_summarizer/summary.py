"""One summary, as the kind of the model allows: as it comes, or once it is checked."""

from collections.abc import Generator

from gptstore.sdk import Context
from gptstore.sdk.pieces import strip_pieces
from gptstore_summarizer.checked_summary import checked_summary
from gptstore_summarizer.choose_sentences import Report
from gptstore_summarizer.request import Request


def stream_summary(ctx: Context, text: str, request: Request, report: Report) -> Generator[str, None, str]:
    """Show a chat model's summary as it comes, a base model's once it is checked. Returns it without remarks."""
    if ctx.model.is_chat:
        return (yield from strip_pieces(request.stream(text)))
    summary = checked_summary(ctx, text, request, report)
    if summary.text:
        yield str(summary)
    return summary.text


def read_summary(ctx: Context, text: str, request: Request) -> str:
    """The same for material of a further summary, which nobody sees."""
    if ctx.model.is_chat:
        return "".join(request.stream(text)).strip()
    return checked_summary(ctx, text, request, lambda share, doing: None).text
