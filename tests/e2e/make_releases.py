"""`python -m tests.e2e.make_releases person-1 1.0 "import os"`: submits a release of acme-tool.

The last argument are more lines at the top of its code. Prints the ids of plugin and release as JSON once a worker has
checked it.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import django

django.setup()

from gptstore.accounts.models import User  # noqa: E402
from gptstore.releases.models import Check, Release  # noqa: E402
from gptstore.releases.submit import submit  # noqa: E402
from harness.waiting import wait_until  # noqa: E402
from tests.integration.releases import Bundler  # noqa: E402
from tests.worker.hosts.releases.wheels import make_sdk  # noqa: E402

CODE = """
{imports}
from gptstore.sdk import Context, Example, hookimpl, tool

@tool(title="Say", summary="Says a word, and its version.", examples=[Example("A word", {{"word": "hi"}})])
def {slug}(ctx: Context, word: str) -> str:
    return word + " {version}"

@hookimpl
def gptstore_tools():
    return [{slug}]
"""


def submit_version(person: str, version: str, imports: str) -> Release:
    with TemporaryDirectory() as name:
        folder = Path(name)
        bundle = Bundler(folder, make_sdk(folder)).write_honest("tool", version, CODE.replace("{imports}", imports))
        return submit(bundle, User.objects.get(username=person))


if __name__ == "__main__":
    release = submit_version(*sys.argv[1:])
    checked = Check.objects.filter(release=release, ended_at__isnull=False)
    wait_until(checked.exists, "the check of a worker", 150)
    print(json.dumps({"plugin": release.plugin_id, "release": release.pk}))
