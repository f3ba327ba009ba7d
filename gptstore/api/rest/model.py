"""The shared model. Everybody may know which one it is."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router

from gptstore.api.rest.errors import Kind, Problem
from gptstore.api.rest.http import problems
from gptstore.api.rest.schemas import ModelOut
from gptstore.faces import base_url
from gptstore.jobs.workers import shared_model

router = Router(tags=["model"])
DEMO_NOTE = (
    "This is a demo model: it shows how the store works, not how well. Choose a real one with MODEL=, see {page}"
)


@router.get("", response={200: ModelOut, **problems()}, operation_id="get_model", summary="Get the shared model")
def get_model(request: HttpRequest) -> dict[str, Any]:
    """The model that answers now. 503 while no worker runs."""
    model = shared_model()
    if model is None:
        raise Problem(Kind.UNAVAILABLE, "No worker runs now, so there is no model.", headers={"Retry-After": "5"})
    return {
        "name": model.model,
        "demo": model.demo,
        "parameters": model.parameters or None,
        "context_length": model.context_length,
        "thinking": model.thinking,
        "note": DEMO_NOTE.format(page=models_page(request)) if model.demo else None,
    }


def models_page(request: HttpRequest) -> str:
    """Return the address of the documentation of models that can take its place."""
    return base_url(request) + reverse("docs:page", args=["models"])
