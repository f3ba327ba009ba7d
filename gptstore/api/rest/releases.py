"""Operations on releases of plugins. Each author sees their own, and staff all."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import File, Router
from ninja.files import UploadedFile

from gptstore.accounts.rate_limits import SUBMIT_SECONDS, may_submit
from gptstore.api.rest.auth import MAY_SUBMIT, SIGNED_IN, SignedInRequest
from gptstore.api.rest.errors import Kind, Problem
from gptstore.api.rest.http import headers, problems
from gptstore.faces import base_url
from gptstore.releases import authors
from gptstore.releases.models import Release
from gptstore.releases.serialize import ReleaseOut, serialize_release
from gptstore.releases.submit import submit
from gptstore.releases.uploads import stored

router = Router(tags=["releases"])


@router.post(
    "",
    auth=MAY_SUBMIT,
    response={201: ReleaseOut, **problems(400, 401, 403, 415, 422, 429)},
    operation_id="submit_release",
    summary="Submit a release",
    openapi_extra={"responses": {201: headers("Location")}},
)
def submit_release(request: SignedInRequest, bundle: File[UploadedFile]) -> HttpResponse:
    """Submits a bundle as a new release of a plugin, and answers 201 when nothing is wrong with it.

    The first one who submits a plugin owns it. An API key needs the right to submit releases, which its owner gives it
    on the account page. With 422 `errors` has all that was found: `field` is the file, `message` says how to mend it.
    """
    if not authors.may_submit(request.auth):
        raise Problem(Kind.FORBIDDEN, "Only staff may submit releases to this store.")
    if not may_submit(request, request.auth):
        raise Problem(
            Kind.TOO_MANY,
            "You have submitted many bundles within an hour. Try again later.",
            headers={"Retry-After": str(SUBMIT_SECONDS)},
        )
    with stored(bundle) as path:
        release = submit(path, request.auth)
    response = release_response(request, release, status=201)
    response["Location"] = f"{base_url(request)}/api/v1/releases/{release.pk}"
    return response


@router.get(
    "/{int:release_id}",
    auth=SIGNED_IN,
    response={200: ReleaseOut, **problems(401, 404, 422)},
    operation_id="get_release",
    summary="Get a release",
)
def get_release(request: SignedInRequest, release_id: int) -> HttpResponse:
    """One release of a plugin of yours: how far it has come, and why it stands there."""
    found = authors.releases_of(request.auth).filter(pk=release_id).first()
    if found is None:
        raise Problem(Kind.NOT_FOUND, "You have no release with this id.")
    return release_response(request, found)


def release_response(request: HttpRequest, release: Release, status: int = 200) -> HttpResponse:
    return JsonResponse(serialize_release(release, base_url(request)).model_dump(mode="json"), status=status)
