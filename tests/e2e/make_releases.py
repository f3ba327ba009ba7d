"""`python -m tests.e2e.make_releases submit person-1 1.0 "WORD = 1"`: changes releases with the site's settings.

Prints the ids of plugin and release as JSON. `activate` does what the store does once workers have taken a release.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import django

django.setup()

from gptstore.accounts.models import User  # noqa: E402
from gptstore.releases.deploy import activate  # noqa: E402
from gptstore.releases.models import Deployment, Release  # noqa: E402
from gptstore.releases.submit import submit  # noqa: E402
from tests.authors.bundle_parts import write_small_bundle  # noqa: E402


def submit_version(person: str, version: str, code: str) -> Release:
    with TemporaryDirectory() as folder:
        return submit(write_small_bundle(Path(folder), version=version, code=code), User.objects.get(username=person))


def activate_open(plugin: str) -> Release:
    deployment = Deployment.objects.get(plugin__name=plugin, ended_at=None)
    assert activate(deployment) and deployment.release
    return deployment.release


if __name__ == "__main__":
    release = {"submit": submit_version, "activate": activate_open}[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({"plugin": release.plugin_id, "release": release.pk}))
