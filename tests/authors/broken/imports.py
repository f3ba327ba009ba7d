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
    Broken(
        "syntax-error",
        "acme_greeter.py:5: syntax: SyntaxError: {python} → mend the line",
        "def greet(ctx",
        "def greet((ctx",
    ),
    Broken(
        "indentation-error",
        "acme_greeter.py:7: syntax: IndentationError: {python} → mend the line",
        "    return f",
        "  return f",
    ),
    Broken(
        "null-byte",
        "acme_greeter.py:1: syntax: SyntaxError: {python} → mend the line",
        files={"acme_greeter.py": b"ANSWER = 42\0\n"},
    ),
    Broken(
        "no-such-module",
        "acme_greeter.py:1: import: No module named 'acme_nowhere' → declare the package that has acme_nowhere in `dependencies` of pyproject.toml, and install it",
        top="import acme_nowhere\n",
    ),
    Broken(
        "no-such-name",
        "acme_greeter.py:1: import: cannot import name 'Kontext' from 'gptstore.sdk' → import a name that is there",
        "import Context,",
        "import Kontext, Context,",
    ),
    Broken(
        "cyclic-imports",
        "acme/words.py:1: cyclic-import: acme.tool is imported while it is still being imported itself, through this line → move what both modules need into a third one",
        files={
            **PACKAGE,
            "acme/tool.py": f"from acme.words import hello\n\nNAME = 'Ada'\n{CODE}",
            "acme/words.py": "from acme.tool import NAME\n\n\ndef hello():\n    return NAME\n",
        },
    ),
    Broken(
        "cyclic-attributes",
        "acme/words.py:3: cyclic-import: acme.tool is imported while it is still being imported itself, through this line → move what both modules need into a third one",
        files={
            **PACKAGE,
            "acme/tool.py": f"import acme.words\n\nNAME = 'Ada'\n{CODE}",
            "acme/words.py": "import acme.tool\n\nHELLO = acme.tool.NAME\n",
        },
    ),
    Broken(
        "raises",
        "acme_greeter.py:1: import-failed: ZeroDivisionError: division by zero → code at the top of a module must not fail: move it into the tool's function",
        top="SHARE = 1 / 0\n",
    ),
    Broken(
        "raises-deep-within",
        "acme_greeter.py:3: import-failed: JSONDecodeError: {python} → code at the top of a module must not fail: move it into the tool's function",
        top="import json\n\nWORDS = json.loads('{')\n",
    ),
    Broken(
        "recursion",
        "acme_greeter.py:2: import-failed: RecursionError: {python} → code at the top of a module must not fail: move it into the tool's function",
        top="def again():\n    return again()\n\n\nagain()\n",
    ),
    Broken(
        "file-beside-the-project",
        "acme_greeter.py:1: import-failed: FileNotFoundError: [Errno 2] No such file or directory: 'prompt.txt' → code at the top of a module must not fail: move it into the tool's function",
        top="PROMPT = open('prompt.txt').read()\n",
    ),
    Broken(
        "exits",
        "acme_greeter.py:3: import-exit: it ends the process while it is imported (SystemExit: no licence key) → remove the call: code at the top of a module only defines things",
        top="import sys\n\nsys.exit('no licence key')\n",
    ),
    Broken(
        "ends-the-process",
        "acme_greeter.py:3: import-exit: its process ended with status 3 while it was imported → code at the top of a module must not end its process, nor crash it",
        top="import os\n\nos._exit(3)\n",
    ),
    Broken(
        "ends-the-process-quietly",
        "acme_greeter.py:3: import-exit: its process ended with status 0 while it was imported → code at the top of a module must not end its process, nor crash it",
        top="import os\n\nos._exit(0)\n",
    ),
    Broken(
        "aborts",
        "acme_greeter.py:3: import-exit: its process was ended by SIGABRT while it was imported → code at the top of a module must not end its process, nor crash it",
        top="import os\n\nos.abort()\n",
    ),
    Broken(
        "crashes",
        "acme_greeter.py:3: import-exit: its process was ended by SIGSEGV while it was imported → code at the top of a module must not end its process, nor crash it",
        top="import ctypes\n\nctypes.string_at(0)\n",
    ),
    Broken(
        "endless-import",
        "acme_greeter.py:1: import-time: it was not imported within 2 s → code at the top of a module must end at once: move the work into the tool's function",
        top="while True: pass\n",
        options=("--seconds", "2"),
    ),
    Broken(
        "waits-for-ever",
        "acme_greeter.py:3: import-time: it was not imported within 2 s → code at the top of a module must end at once: move the work into the tool's function",
        top="import threading\n\nthreading.Event().wait()\n",
        options=("--seconds", "2"),
    ),
    Broken(
        "slow-import",
        "acme_greeter.py:1: import-time: its import takes {n} s, more than 2 → import what is slow within the tool's function, or do without it",
        top="import time\n\ntime.sleep(2.1)\n",
    ),
    Broken(
        "slow-module",
        "acme_greeter.py:1: import-time: its import takes {n} s, more than 2 (acme_slow {n} s) → import what is slow within the tool's function, or do without it",
        top="import acme_slow\n",
        files={"acme_slow/__init__.py": "import time\n\ntime.sleep(2.1)\n"},
    ),
    Broken(
        "400-megabytes",
        "acme_greeter.py:1: import-memory: it takes {n} MB of memory while it is imported, more than 300 → load large data within the tool's function, or ship less",
        top="WORDS = bytearray(b'x' * 1_000) * 400_000\n",
    ),
    Broken(
        "megabytes-printed",
        "acme_greeter.py:1: import-output: it prints {n} MB while it is imported, more than 0.1 → remove what prints at the top of its modules",
        top="print('chatter ' * 250_000)\n",
    ),
    Broken(
        "endless-printing",
        "acme_greeter.py:1: import-output: it printed more than 4 MB while it was imported → remove what prints at the top of its modules",
        top="while True:\n    print('chatter' * 10_000)\n",
    ),
    Broken(
        "thread-at-import",
        "acme_greeter.py:1: import-threads: it leaves a thread running after its import (watch) → start threads within the tool's function: each run is a process that is forked from the one that imports",
        top="import threading\n\nthreading.Thread(target=threading.Event().wait, name='watch', daemon=True).start()\n",
    ),
    Broken(
        "imports-the-store",
        "acme_greeter.py:2: import: gptstore.catalog.search is a part of the store → import from gptstore.sdk only",
        top="def search():\n    from gptstore.catalog.search import search\n\n    return search\n",
    ),
    Broken(
        "imports-django",
        "acme_greeter.py:2: import: django is a part of the store → do without it: a plugin sees gptstore.sdk only",
        top="def get():\n    from django.conf import settings\n\n    return settings\n",
    ),
    Broken(
        "undeclared-package",
        'acme_greeter.py:1: import: jsonschema belongs to the package jsonschema, which is not declared → add "jsonschema" to dependencies in pyproject.toml',
        top="import jsonschema\n",
    ),
]
