"""Releases over the API: who may submit one, what is said about a bundle that is refused, and who sees it then."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gptstore.accounts.keys import create_key
from gptstore.accounts.models import User
from gptstore.bundle_storage import storage_settings
from gptstore.releases.models import Release, ReleaseStatus
from gptstore.releases.review import reject
from harness.rows import make_user
from tests.authors.bundle_parts import write_small_bundle

RELEASES = "/api/v1/releases"


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, settings: Any) -> None:
    settings.STORAGES = {**settings.STORAGES, "bundles": storage_settings(str(tmp_path / "bundles"))}


@pytest.fixture
def publisher(owner: User) -> Client:
    """A program of ada's whose key may submit releases."""
    return with_key(owner, submits=True)


def with_key(user: User, *, submits: bool = False) -> Client:
    return Client(headers={"Authorization": f"Bearer {create_key(user, 'CI', submits=submits)[1]}"})


def bundle(folder: Path, version: str = "1.2.0", **values: Any) -> dict[str, SimpleUploadedFile]:
    content = write_small_bundle(folder / version, version=version, **values).read_bytes()
    return {"bundle": SimpleUploadedFile("acme-tool.gptx", content)}


def test_a_bundle_becomes_a_release(publisher: Client, owner: User, tmp_path: Path) -> None:
    response = publisher.post(RELEASES, bundle(tmp_path))

    assert response.status_code == 201
    found = response.json()
    release = Release.objects.get()
    assert response["Location"] == found["urls"]["get"] == f"http://testserver/api/v1/releases/{release.pk}"
    assert (found["plugin"], found["version"], found["stage"]) == ("acme-tool", "1.2.0", "submitted")
    assert (found["tools"], found["rights"], found["publisher"], found["reason"]) == (["say"], [], None, None)
    assert (found["sha256"], found["size"]) == (release.sha256, release.size)
    assert publisher.get(found["urls"]["get"]).json() == found


def test_a_key_that_runs_tools_submits_nothing(owner: User, tmp_path: Path) -> None:
    response = with_key(owner).post(RELEASES, bundle(tmp_path))

    assert response.status_code == 403
    assert "account page" in response.json()["detail"]
    assert not Release.objects.exists()


def test_a_store_may_take_releases_of_staff_only(publisher: Client, owner: User, tmp_path: Path, settings: Any) -> None:
    settings.ENV = settings.ENV.model_copy(update={"submissions": "staff"})

    response = publisher.post(RELEASES, bundle(tmp_path))
    assert (response.status_code, response.json()["detail"]) == (403, "Only staff may submit releases to this store.")
    assert not Release.objects.exists()

    User.objects.filter(pk=owner.pk).update(is_staff=True)
    assert publisher.post(RELEASES, bundle(tmp_path)).status_code == 201


def test_all_that_is_wrong_is_told(publisher: Client, tmp_path: Path) -> None:
    publisher.post(RELEASES, bundle(tmp_path, "1.0"))
    response = publisher.post(
        RELEASES, bundle(tmp_path, "1.0.0", code="KEY = 'ghp_f8Kq2mZx9LpR4tVw7YbN3cJd6HsG1aQe5UiX'")
    )

    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json")
    problem = response.json()
    assert problem["type"] == "urn:gptstore:problem:refused-bundle"
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [
        ("bundle.json", "version"),
        ("acme_tool-1.0.0-py3-none-any.whl/acme_tool.py:1", "secret"),
    ]
    assert problem["errors"][0]["message"] == (
        "acme-tool 1.0 was submitted before, and 1.0.0 is the same version; raise the version in pyproject.toml"
    )
    assert Release.objects.count() == 1


@pytest.mark.parametrize("content", [b"", b"PK", b"{}"])
def test_what_is_no_bundle_is_refused(publisher: Client, content: bytes) -> None:
    response = publisher.post(RELEASES, {"bundle": SimpleUploadedFile("x.gptx", content)})

    assert (response.status_code, response.json()["errors"][0]["code"]) == (422, "bundle")


def test_a_request_without_a_file_says_what_is_missing(publisher: Client) -> None:
    assert publisher.post(RELEASES, {"other": "x"}).json()["errors"][0]["field"] == "bundle"
    assert publisher.post(RELEASES, {"bundle": "x"}, "application/json").status_code in (400, 415, 422)


def test_the_stage_says_why(publisher: Client, owner: User, tmp_path: Path) -> None:
    found = publisher.post(RELEASES, bundle(tmp_path)).json()
    Release.objects.update(status=ReleaseStatus.IN_REVIEW)
    assert publisher.get(found["urls"]["get"]).json()["stage"] == "in_review"
    reject(Release.objects.get(), make_user("boss"), "It prints a lot.")

    again = publisher.get(found["urls"]["get"]).json()
    assert (again["stage"], again["reason"]) == ("rejected", "It prints a lot.")


def test_others_see_no_release_and_staff_sees_all(publisher: Client, other: User, tmp_path: Path) -> None:
    address = publisher.post(RELEASES, bundle(tmp_path)).json()["urls"]["get"]

    assert with_key(other, submits=True).get(address).status_code == 404
    assert with_key(make_user("boss", is_staff=True)).get(address).status_code == 200


def test_who_submits_very_often_has_to_wait(publisher: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"submit_release": "2/h/user"}
    empty = {"bundle": SimpleUploadedFile("x.gptx", b"")}

    answers = [publisher.post(RELEASES, empty) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [422, 422, 429]
    assert int(answers[2]["Retry-After"]) > 0
