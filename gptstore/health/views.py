"""`/healthz`: this process answers. `/readyz`: so do the database and Redis; with workers and waiting times."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from gptstore.health.checks import check_database, check_redis, oldest_queued_seconds, oldest_running_seconds
from gptstore.jobs.workers import fleet


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Return 200, which says nothing but that the process answers. Open to everybody."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Report readiness: 503 when the database or Redis is away; workers and ages are not judged. Open to everybody."""
    database, redis = check_database().ok, check_redis().ok
    ready = database and redis
    body = {
        "status": "ok" if ready else "unavailable",
        "database": "ok" if database else "away",
        "redis": "ok" if redis else "away",
        "workers": len(fleet()) if database else 0,
        "oldest_queued_seconds": oldest_queued_seconds() if database else None,
        "oldest_running_seconds": oldest_running_seconds() if database else None,
    }
    return JsonResponse(body, status=200 if ready else 503)
