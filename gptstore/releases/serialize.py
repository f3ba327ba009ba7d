"""The JSON of a release, for its author and for reviewers."""

from datetime import datetime

from django.urls import reverse
from ninja import Schema
from pydantic import Field

from gptstore.releases.models import Release
from gptstore.releases.stage import StageName, stage_of


class RightOut(Schema):
    """Something that the release may do beside what any tool may."""

    kind: str = Field(description="`network`, `secrets`, `native_code` or `limit`.")
    tool: str = Field(description="The slug of the tool; empty for the plugin.")
    limit: str
    value: str


class ReleaseUrls(Schema):
    get: str
    web: str


class ReleaseOut(Schema):
    """One version of a plugin, as it was submitted."""

    id: int
    plugin: str
    version: str
    stage: StageName = Field(description="How far it has come.")
    reason: str | None = Field(description="Why it stands there, such as what a reviewer wrote.")
    tools: list[str] = Field(description="The slugs of its tools.")
    rights: list[RightOut]
    risk: int = Field(description="0, harmless, to 10.")
    sha256: str = Field(description="Of the bundle's file.")
    size: int = Field(description="Of the bundle, in bytes.")
    publisher: str | None = Field(description="The fingerprint of the key that signed the bundle.")
    submitted_at: datetime
    urls: ReleaseUrls


def serialize_release(release: Release, base: str) -> ReleaseOut:
    """Return a release as JSON. base: the site's address."""
    stage = stage_of(release)
    return ReleaseOut(
        id=release.pk,
        plugin=release.plugin.name,
        version=release.version,
        stage=stage.name,
        reason=stage.reason or None,
        tools=[tool["slug"] for tool in release.manifest["tools"]],
        rights=[RightOut(**right) for right in release.rights],
        risk=release.risk,
        sha256=release.sha256,
        size=release.size,
        publisher=release.publisher or None,
        submitted_at=release.submitted_at,
        urls=ReleaseUrls(
            get=f"{base}/api/v1/releases/{release.pk}",
            web=f"{base}{reverse('plugins:plugin', args=[release.plugin.name])}",
        ),
    )
