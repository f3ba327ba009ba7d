"""The pages for authors: submit, follow, withdraw, yank; each sees their own plugins only."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gptstore.accounts.models import User
from gptstore.audit.models import AuditEvent
from gptstore.bundle_storage import storage_settings
from gptstore.releases.check_report import CheckReport, ExampleReport, Ran
from gptstore.releases.models import Check, Plugin, Release, ReleaseStatus
from gptstore.releases.review import approve, reject
from gptstore.releases.storage import bundles
from gptstore.releases.submit import submit
from harness.rows import make_user
from tests.authors.bundle_parts import write_small_bundle
from tests.people import ada, bob, browser  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
PLUGINS = "/plugins/"
Make = Callable[..., Release]


@pytest.fixture(autouse=True)
def store_folders(tmp_path: Path, settings: Any) -> None:
    settings.STORAGES = {**settings.STORAGES, "bundles": storage_settings(str(tmp_path / "bundles"))}
    settings.ENV = settings.ENV.model_copy(update={"signing_key": tmp_path / "keys/store.key"})


@pytest.fixture
def release(ada: User, tmp_path: Path) -> Make:  # noqa: F811
    """Submit a release of ada's."""

    def make(version: str = "1.2.0", by: User = ada) -> Release:
        return submit(write_small_bundle(tmp_path / version, version=version), by)

    return make


def upload(content: bytes) -> dict[str, SimpleUploadedFile]:
    return {"bundle": SimpleUploadedFile("acme-tool.gptx", content)}


def text(client: Client, path: str = PLUGINS) -> str:
    return " ".join(client.get(path).content.decode().split())


def test_who_has_no_plugin_reads_how_to_make_one(browser: Client) -> None:  # noqa: F811
    page = text(browser)

    assert "You have submitted no plugin yet" in page
    assert "gptstore build" in page and "/docs/writing-a-tool/" in page


def test_a_bundle_is_submitted_and_followed(browser: Client, tmp_path: Path) -> None:  # noqa: F811
    content = write_small_bundle(tmp_path / "made").read_bytes()

    response = browser.post(PLUGINS, upload(content), follow=True)

    assert response.redirect_chain == [("/plugins/acme-tool/", 302)]
    assert "acme-tool 1.2.0 is submitted." in response.content.decode()
    assert "Submitted" in text(browser) and "newest: 1.2.0" in text(browser)


def test_all_that_is_wrong_is_shown(browser: Client, release: Make, tmp_path: Path) -> None:  # noqa: F811
    release("1.0")
    content = write_small_bundle(tmp_path / "again", version="1.0.0").read_bytes()

    response = browser.post(PLUGINS, upload(content))

    page = response.content.decode()
    assert response.status_code == 422
    assert "The store does not take this bundle." in page and "1 problem." in page
    assert "<code>bundle.json</code>" in page and "→ raise the version in pyproject.toml" in page


def test_the_author_sees_what_examples_took_and_what_was_denied_to_them(browser: Client, release: Make) -> None:  # noqa: F811
    made = release()
    new = Ran(error="It crashed.", seconds=1.5, completion_tokens=7, denied={"files": 1, "network": 2})
    example = ExampleReport(tool="say", title="A word", new=new, live=Ran(seconds=1, denied={"files": 1}))
    report = CheckReport(examples=[example]).model_dump(mode="json")
    at = made.submitted_at
    Check.objects.create(release=made, worker="w1", lease_expires_at=at, started_at=at, report=report)

    page = text(browser, "/plugins/acme-tool/")

    assert "1.50 s, 7 tokens, 3 calls denied (files 1, network 2)" in page
    assert "Live release: 1.00 s, 0 tokens, 1 call denied (files 1)" in page
    assert "More than the live release: 2 calls denied (network 2)" in page
    assert "It crashed." in page


def test_the_author_sees_which_packages_exclude_each_other(browser: Client, release: Make) -> None:  # noqa: F811
    made = release()
    at, report = made.submitted_at, CheckReport(fault="No.", needs=[("<2", "pie")]).model_dump(mode="json")
    Check.objects.create(release=made, worker="w1", lease_expires_at=at, started_at=at, report=report)

    assert "<td><code>&lt;2</code></td><td>pie</td>" in text(browser, "/plugins/acme-tool/")


def test_what_a_bundle_says_is_never_markup(browser: Client, tmp_path: Path) -> None:  # noqa: F811
    content = write_small_bundle(tmp_path / "made").read_bytes().replace(b'acme-tool"', b'<b>tool"')

    assert b"<b>tool" not in browser.post(PLUGINS, upload(content)).content


@pytest.mark.parametrize("data", [{}, {"bundle": "no file"}])
def test_a_form_without_a_file_is_refused(browser: Client, data: dict[str, str]) -> None:  # noqa: F811
    response = browser.post(PLUGINS, data)

    assert response.status_code == 422
    assert "Choose the bundle" in response.content.decode()


def test_a_store_may_take_releases_of_staff_only(browser: Client, settings: Any, tmp_path: Path) -> None:  # noqa: F811
    settings.ENV = settings.ENV.model_copy(update={"submissions": "staff"})

    page = text(browser)
    assert "Only staff may submit releases" in page and 'name="bundle"' not in page
    response = browser.post(PLUGINS, upload(write_small_bundle(tmp_path / "made").read_bytes()))
    assert response.status_code == 403
    assert not Release.objects.exists()


def test_who_submits_very_often_has_to_wait(browser: Client, settings: Any) -> None:  # noqa: F811
    settings.ACCOUNT_RATE_LIMITS = {"submit_release": "1/h/user"}

    answers = [browser.post(PLUGINS, upload(b"")) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [422, 429]
    assert "Try again later" in answers[1].content.decode() and answers[1]["Retry-After"]


def test_others_find_nothing_and_staff_everything(browser: Client, bob: User, release: Make) -> None:  # noqa: F811
    made = release()
    other, boss = Client(), Client()
    other.force_login(bob)
    boss.force_login(make_user("boss", is_staff=True))

    for path in ("acme-tool/", f"acme-tool/{made.pk}/withdraw/", f"acme-tool/{made.pk}/yank/"):
        assert other.get(PLUGINS + path).status_code == 404
        assert other.post(PLUGINS + path).status_code in (404, 405)
    assert "acme-tool" not in text(other)
    assert boss.get(f"{PLUGINS}acme-tool/").status_code == 200
    assert Release.objects.exists()


def test_a_release_is_not_found_below_another_plugin(browser: Client, release: Make) -> None:  # noqa: F811
    assert browser.get(f"{PLUGINS}other/{release().pk}/withdraw/").status_code == 404


def test_the_reason_of_a_rejection_is_shown(browser: Client, release: Make) -> None:  # noqa: F811
    reject(release(), make_user("boss"), "It prints a lot.")

    assert "Rejected" in text(browser) and "It prints a lot." in text(browser)
    assert "It prints a lot." in text(browser, f"{PLUGINS}acme-tool/")


@pytest.mark.django_db(transaction=True)
def test_what_nobody_decided_about_is_withdrawn_with_its_file(browser: Client, release: Make) -> None:  # noqa: F811
    kept, made = release("1.0"), release("1.1")
    path = f"{PLUGINS}acme-tool/{made.pk}/withdraw/"
    assert "Withdraw acme-tool 1.1?" in text(browser, path)

    response = browser.post(path, follow=True)

    assert "acme-tool 1.1 is withdrawn." in response.content.decode()
    assert [*Release.objects.all()] == [kept]
    assert bundles().exists(kept.file) and not bundles().exists(made.file)
    assert AuditEvent.objects.order_by("number").last().action == "release.withdraw"  # type: ignore[union-attr]
    browser.post(f"{PLUGINS}acme-tool/{kept.pk}/withdraw/")
    assert not Plugin.objects.exists()
    assert str(release("1.1")) == "acme-tool 1.1"


def test_what_is_decided_is_not_withdrawn(browser: Client, release: Make) -> None:  # noqa: F811
    made = release()
    reject(made, make_user("boss"), "No.")

    response = browser.post(f"{PLUGINS}acme-tool/{made.pk}/withdraw/", follow=True)

    assert "could not be withdrawn" in response.content.decode()
    assert Release.objects.exists()


def test_an_approved_release_is_yanked_once(browser: Client, release: Make) -> None:  # noqa: F811
    made = release()
    path = f"{PLUGINS}acme-tool/{made.pk}/yank/"
    assert browser.get(path).status_code == 404
    Release.objects.update(status=ReleaseStatus.IN_REVIEW)
    approve(made, make_user("boss"))

    assert "Yank acme-tool 1.2.0?" in text(browser, path)
    response = browser.post(path, {"reason": "It leaks."}, follow=True)

    assert "acme-tool 1.2.0 is yanked." in response.content.decode()
    assert AuditEvent.objects.order_by("number").last().details == {"why": "It leaks."}  # type: ignore[union-attr]
    assert browser.post(path).status_code == 404


def test_a_key_gets_the_right_to_submit_from_its_owner(browser: Client, ada: User) -> None:  # noqa: F811
    browser.post("/account/", {"name": "laptop"})
    browser.post("/account/", {"name": "CI", "submits": "on"})

    assert dict(ada.api_keys.values_list("name", "submits")) == {"laptop": False, "CI": True}
    assert text(browser, "/account/").count("· may submit releases") == 1
