"""`/healthz`: this process answers. `/readyz`: so do the database and Redis; how many workers are alive."""

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from redis import RedisError

from gptstore.jobs.redis import sync_client
from gptstore.jobs.workers import alive, fleet


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Open to everybody: says nothing but that the process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Open to everybody. 503 when the database or Redis is away; the number of workers is told, not judged."""
    database, redis = check_database(), check_redis()
    workers = len(fleet()) if database == "ok" else 0
    ready = database == redis == "ok"
    body = {"status": "ok" if ready else "unavailable", "database": database, "redis": redis, "workers": workers}
    return JsonResponse(body, status=200 if ready else 503)


def check_database() -> str:
    try:
        alive().exists()
    except DatabaseError:
        return "away"
    return "ok"


def check_redis() -> str:
    try:
        sync_client().ping()
    except RedisError:
        return "away"
    return "ok"
