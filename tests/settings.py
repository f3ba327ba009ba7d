"""Settings of the test run: the real ones, with a key of its own and static files straight from the apps."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ.setdefault("GPTSTORE_SECRET_KEY", "only-for-tests-" + "x" * 50)
if "GPTSTORE_VAR" not in os.environ:
    os.environ["GPTSTORE_VAR"] = tempfile.mkdtemp(prefix="gptstore-tests-")
    atexit.register(shutil.rmtree, os.environ["GPTSTORE_VAR"], ignore_errors=True)
VAR = Path(os.environ["GPTSTORE_VAR"])
if (tester := os.environ.get("PYTEST_XDIST_WORKER")) and VAR.name != tester:  # processes side by side share nothing
    VAR = VAR / tester
    os.environ["GPTSTORE_VAR"] = str(VAR)
os.environ["GPTSTORE_REDIS_URL"] = f"unix://{VAR}/redis.sock?db=0"
os.environ.setdefault("GPTSTORE_ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")

from gptstore.settings import *  # noqa: E402, F403
from gptstore.settings import DATABASES, ENV, STATIC_ROOT, STORAGES  # noqa: E402

ENV = ENV.model_copy(update={"plugin_import_seconds": 60})  # however busy the machine is
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # a file: threads and worker processes share it, as in real life
    DATABASES["default"]["TEST"] = {"NAME": f"{VAR}/test.sqlite3"}
else:  # no connection that waits in a pool may be in the way when the tests drop their database
    DATABASES["default"]["OPTIONS"] = {**DATABASES["default"]["OPTIONS"], "pool": False}
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
SERVESTATIC_USE_FINDERS = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
