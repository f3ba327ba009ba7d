"""The models: in a store, mostly the one that all tools share."""

from typing import Any

from asgiref.sync import sync_to_async
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from gptstore.api.openai.errors import OpenAIError
from gptstore.api.openai.operation import KeyRequest, operation
from gptstore.jobs.models import Worker
from gptstore.jobs.workers import alive

OWNER = "gptstore"


@require_GET
@operation
async def list_models(request: KeyRequest) -> HttpResponseBase:
    """List the models that answer now, for anybody with a key: none while no worker runs."""
    found = await sync_to_async(find_models)()
    return JsonResponse({"object": "list", "data": [*found.values()]})


@require_GET
@operation
async def get_model(request: KeyRequest, name: str) -> HttpResponseBase:
    """Show one model that answers now, for anybody with a key."""
    found = await sync_to_async(find_models)()
    if name not in found:
        raise unknown_model(name)
    return JsonResponse(found[name])


def find_models() -> dict[str, dict[str, Any]]:
    """Return the models of the living workers, by name."""
    return {worker.model: as_model(worker) for worker in alive().order_by("-started_at")}


def as_model(worker: Worker) -> dict[str, Any]:
    """Return a model as OpenAI's API has it, with its context length, as vLLM gives it."""
    return {
        "id": worker.model,
        "object": "model",
        "created": int(worker.started_at.timestamp()),
        "owned_by": OWNER,
        "max_model_len": worker.context_length,
    }


def check_model(name: str) -> None:
    """Refuse the name of a model that does not answer. While no worker runs, no name is wrong: the job waits."""
    names = set(alive().values_list("model", flat=True))
    if names and name not in names:
        raise unknown_model(name)


def unknown_model(name: str) -> OpenAIError:
    message = f"The model '{name[:200]}' does not exist here. `GET /v1/models` lists what there is."
    return OpenAIError(404, message, param="model", code="model_not_found")
