"""Plugins that can't be imported, or cost too much when they are."""

from tests.authors.broken.plugin import CODE, Broken

PACKAGE = {
    "pyproject.toml": """\
[project]
name = "acme-greeter"
version = "1.0.0"
dependencies = ["gptstore-sdk>=0.1"]

[project.entry-points.gptstore]
greeter = "acme.tool"
""",
    "acme/__init__.py": "",
}

IMPORTS = [
    Broken("syntax-error", "?", "def greet(ctx", "def greet((ctx"),
    Broken("indentation-error", "?", "    return f", "  return f"),
    Broken("null-byte", "?", files={"acme_greeter.py": b"ANSWER = 42\0\n"}),
    Broken("no-such-module", "?", top="import acme_nowhere\n"),
    Broken("no-such-name", "?", "import Context,", "import Kontext, Context,"),
    Broken(
        "cyclic-imports",
        "?",
        files={
            **PACKAGE,
            "acme/tool.py": f"from acme.words import hello\n\nNAME = 'Ada'\n{CODE}",
            "acme/words.py": "from acme.tool import NAME\n\n\ndef hello():\n    return NAME\n",
        },
    ),
    Broken(
        "cyclic-attributes",
        "?",
        files={
            **PACKAGE,
            "acme/tool.py": f"import acme.words\n\nNAME = 'Ada'\n{CODE}",
            "acme/words.py": "import acme.tool\n\nHELLO = acme.tool.NAME\n",
        },
    ),
    Broken("raises", "?", top="SHARE = 1 / 0\n"),
    Broken("raises-deep-within", "?", top="import json\n\nWORDS = json.loads('{')\n"),
    Broken("recursion", "?", top="def again():\n    return again()\n\n\nagain()\n"),
    Broken("file-beside-the-project", "?", top="PROMPT = open('prompt.txt').read()\n"),
    Broken("exits", "?", top="import sys\n\nsys.exit('no licence key')\n"),
    Broken("ends-the-process", "?", top="import os\n\nos._exit(3)\n"),
    Broken("ends-the-process-quietly", "?", top="import os\n\nos._exit(0)\n"),
    Broken("aborts", "?", top="import os\n\nos.abort()\n"),
    Broken("crashes", "?", top="import ctypes\n\nctypes.string_at(0)\n"),
    Broken("endless-import", "?", top="while True:\n    pass\n", options=("--seconds", "2")),
    Broken("waits-for-ever", "?", top="import threading\n\nthreading.Event().wait()\n", options=("--seconds", "2")),
    Broken("slow-import", "?", top="import time\n\ntime.sleep(2.1)\n"),
    Broken(
        "slow-module",
        "?",
        top="import acme_slow\n",
        files={"acme_slow/__init__.py": "import time\n\ntime.sleep(2.1)\n"},
    ),
    Broken("400-megabytes", "?", top="WORDS = bytearray(b'x' * 1_000) * 400_000\n"),
    Broken("megabytes-printed", "?", top="print('chatter ' * 250_000)\n"),
    Broken("endless-printing", "?", top="while True:\n    print('chatter' * 10_000)\n"),
    Broken(
        "thread-at-import",
        "?",
        top="import threading\n\nthreading.Thread(target=threading.Event().wait, name='watch', daemon=True).start()\n",
    ),
    Broken(
        "imports-the-store",
        "?",
        top="def search():\n    from gptstore.catalog.search import search\n\n    return search\n",
    ),
    Broken("imports-django", "?", top="def get():\n    from django.conf import settings\n\n    return settings\n"),
    Broken("undeclared-package", "?", top="import jsonschema\n"),
]
