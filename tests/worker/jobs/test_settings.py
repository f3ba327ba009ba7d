"""The settings of a tool on their way from the admin's form to a run, and nowhere else."""

from collections.abc import Callable

import pytest
from django.apps import apps
from pydantic import BaseModel, SecretStr, field_validator

from gptstore.catalog.models import ToolSettings
from gptstore.catalog.tool_settings import note_declared, store_given
from gptstore.jobs.models import Status
from gptstore.sdk import Context, tool
from tests.worker.conftest import Workshop

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "marker-of-a-secret-90ab"


class Service(BaseModel):
    token: SecretStr
    region: str = "eu"

    @field_validator("region")
    @classmethod
    def is_known(cls, region: str) -> str:
        if region not in ("eu", "us"):
            raise ValueError(f"unknown: {region}")
        return region


@tool(settings=Service)
def knows(ctx: Context, text: str) -> str:
    """Say what it knows, but not its secret."""
    ctx.log(f"{ctx.settings}")
    ctx.progress(1, 2, repr(ctx.settings))
    return f"{ctx.settings.region} {len(ctx.settings.token.get_secret_value())} {ctx.settings!r}"


@tool(settings=Service)
def trips(ctx: Context, text: str) -> str:
    """Fail with its settings at hand."""
    settings = ctx.settings
    raise KeyError(f"{settings}")


def fill_in(shop: Workshop, slug: str, **values: str) -> None:
    row = shop.rows[slug]
    store_given(ToolSettings.objects.get(tool=row), values)


@pytest.fixture
def shop(workshop: Callable[..., Workshop]) -> Workshop:
    """A worker with both tools, whose settings nobody has filled in."""
    opened = workshop(knows, trips)
    for one in (knows, trips):
        row = opened.add(one)
        row.settings_schema = one.settings_schema
        row.save()
        note_declared(row)
    return opened


def test_each_run_gets_the_settings_as_they_are_then(shop: Workshop) -> None:
    fill_in(shop, "knows", token=SECRET)
    assert shop.run(knows).output.startswith(f"eu {len(SECRET)} ")

    fill_in(shop, "knows", token="short", region="us")
    assert shop.run(knows).output.startswith("us 5 ")


def test_a_run_without_required_settings_fails_and_says_why(shop: Workshop) -> None:
    job = shop.run(knows)

    assert (job.status, job.error_code) == (Status.FAILED, "tool_error")
    assert "has to fill in the settings of this tool first: Token." in job.error_message


def test_settings_that_the_tool_refuses_are_named_without_their_values(shop: Workshop) -> None:
    fill_in(shop, "knows", token=SECRET, region=SECRET)

    job = shop.run(knows)

    assert job.error_message == "The settings of this tool do not fit: region. Tell the administrators of this site."


def test_no_log_event_or_column_holds_a_secret(
    shop: Workshop, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    fill_in(shop, "knows", token=SECRET)
    fill_in(shop, "trips", token=SECRET)

    done, failed = shop.run(knows), shop.run(trips)

    assert (done.status, failed.error_code) == (Status.SUCCEEDED, "tool_crashed")
    said = caplog.text + "".join(capsys.readouterr())
    assert "tool_crashed" in said
    assert SECRET not in said
    assert SECRET not in str([shop.events(job) for job in (done, failed)])
    assert [model for model in apps.get_models() if SECRET in str([*model._base_manager.values()])] == []
