"""The two tools behind OpenAI's API, and a worker that has them."""

import pytest

from gptstore.catalog.models import Tool
from gptstore.sdk import Tool as SdkTool
from gptstore_chat.tool import chat
from gptstore_writer.tool import write
from harness.rows import make_tool
from tests.api.acting_worker import ActingWorker


def row_of(tool: SdkTool) -> Tool:
    return make_tool(tool.slug, input_schema=tool.input_schema, output=tool.output, plugin=f"gptstore-{tool.slug}")


@pytest.fixture
def tools(db: None) -> None:
    row_of(chat)
    row_of(write)


@pytest.fixture
def worker() -> ActingWorker:
    worker = ActingWorker()
    worker.tools = ("chat", "writer")
    return worker
