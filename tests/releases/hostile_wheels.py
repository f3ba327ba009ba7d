"""Hostile wheels in bundles whose archive is in order."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.authors.bundle_parts import replace_wheel, write_changed
from tests.releases.hostile_case import Case, Plan, generator

RUN = b"import os; os.system('touch /tmp/evil')\n"
PLUGIN = "wheels/acme_tool-1.2.0-py3-none-any.whl"
FRUIT = "wheels/fruit-1.5-py3-none-any.whl"
RECORD = "acme_tool-1.2.0.dist-info/RECORD"

AT_START = {
    **dict.fromkeys(
        (
            *("evil.pth", "EVIL.PTH", "acme.data/purelib/evil.pth", "acme.data/platlib/evil.pth", "__editable__.pth"),
            *("lib/python3.11/site-packages/evil.pth", "acme.data/data/lib/python3.11/site-packages/evil.pth"),
        ),
        "each Python runs at its start",
    ),
    **dict.fromkeys(
        (
            *("sitecustomize.py", "usercustomize.py", "SiteCustomize.py", "sitecustomize/__init__.py"),
            *("acme.data/purelib/sitecustomize.py", "site-packages/usercustomize.py", "sitecustomize.cpython-311.so"),
        ),
        "each Python imports at its start",
    ),
    **dict.fromkeys(
        ("acme.data/scripts/python", "acme.data/scripts/uv", "acme.DATA/Scripts/pip", "x.data/scripts/a/b"),
        "is a program for the environment's `bin`",
    ),
}
LEFT = (
    *("acme_tool/x.so", "acme_tool/x.pyd", "acme_tool/x.dll", "acme_tool/x.dylib", "acme_tool/x.pyc", "acme_tool/x.o"),
    *(".env", ".env.production", ".netrc", ".pypirc", ".git-credentials", "id_rsa", "id_ed25519", "acme_tool/a.p12"),
)
SECRETS = {
    "a key of AWS": "AKIAQ3EGVZ7RXKWPJ5HM",
    "a token of GitHub": "ghp_f8Kq2mZx9LpR4tVw7YbN3cJd6HsG1aQe5UiX",
    "a token of GitLab": "glpat-Xk9mQ2vR7tLw4pZs8nBc",
    "a token of Hugging Face": "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",
    "a token of npm": "npm_q7Zk2mXp9LrT4vWs8YbN3cJd6HfG1aQe5UiK",
    "a key of a gptstore": "gs_q7Zk2mXp9LrT4vWs8YbN3cJd6HfG1aQe5UiKmPtR",
    "a key of Stripe": "sk_live_q7Zk2mXp9LrT4vWs8YbN3cJd",
    "a password in an address": "postgres://ada:q7Zk2mXp9LrT@db.acme-tools.org/x",
}
POINTS = {
    "[console_scripts]\nls = acme_tool:x\n[gptstore]\ntool = acme_tool\n": "in the group console_scripts",
    "[gui_scripts]\nls = acme_tool:x\n[gptstore]\ntool = acme_tool\n": "in the group gui_scripts",
    "[pytest11]\nx = acme_tool\n[gptstore]\ntool = acme_tool\n": "in the group pytest11",
    "[gptstore.hosts]\nx = acme_tool\n[gptstore]\ntool = acme_tool\n": "in the group gptstore.hosts",
    "[distutils.commands]\nx = acme_tool:X\n[gptstore]\ntool = acme_tool\n": "in the group distutils.commands",
    "": "no entry point in the group gptstore",
    "[gptstore]\n": "no entry point in the group gptstore",
    "[GPTSTORE]\ntool = acme_tool\n": "in the group GPTSTORE",
    "[gptstore]\ntool = os\n": "names os, which is not in it",
    "[gptstore]\ntool = acme_tool.missing:x\n": "which is not in it",
    "[gptstore]\ntool = ../acme_tool\n": "which is not in it",
    "tool = acme_tool\n": "entry_points.txt cannot be read",
    "[gptstore\ntool = acme_tool\n": "entry_points.txt cannot be read",
    "[gptstore]\ntool = acme_tool\ntool = acme_tool\n": "entry_points.txt cannot be read",
}
OTHERS = (
    "other-1.0.dist-info",
    "acme_tool.egg-info",
    "gptstore_sdk-9.9.dist-info",
    "pip-99.dist-info",
    "acme.dist-info",
)


def cases(bundle: Path) -> Iterator[Case]:
    """Yield them. bundle: one that a store takes."""
    for name, sentence in AT_START.items():
        yield Case("a file that runs by itself", f"{name} in the plugin", Plan(files={name: RUN}).write, sentence)
        yield Case("a file that runs by itself", f"{name} in a dependency", Plan(other={name: RUN}).write, sentence)
    for name in LEFT:
        sentence = "is compiled, for one platform only|is where people keep secrets"
        yield Case("a file that was left", name, Plan(files={name: b"x"}).write, sentence)
    for kind, secret in SECRETS.items():
        files = {"acme_tool.py": f"KEY = '{secret}'\n".encode()}
        yield Case("a secret", kind, Plan(files=files).write, f"acme_tool.py:1: secret: {kind} stands here")
    for text, sentence in POINTS.items():
        yield Case("an entry point elsewhere", repr(text), Plan(entry_points=text).write, sentence)
    for name in ("tool", "x"):
        points = {"fruit-1.5.dist-info/entry_points.txt": f"[gptstore]\n{name} = fruit\n".encode()}
        yield Case(
            "an entry point elsewhere", f"{name} of a dependency", Plan(other=points).write, "is a plugin itself"
        )
    for folder in OTHERS:
        files = {f"{folder}/entry_points.txt": b"[gptstore]\nx = os\n"}
        yield Case("a second package", folder, Plan(files=files).write, f"has {folder}, which is of another package")
        yield Case("a second package", f"{folder} in fruit", Plan(other=files).write, "which is of another package")
    for name in ("gptstore/sdk/host/job.py", "gptstore/sdk/__init__.py", "gptstore/sdk/x.py"):
        yield Case("a part of the SDK", name, Plan(files={name: RUN}).write, "belongs to gptstore-sdk")
        yield Case("a part of the SDK", f"{name} in fruit", Plan(other={name: RUN}).write, "belongs to gptstore-sdk")
    for name in ("size.bin", "acme_tool/model.bin"):
        noise = generator("size").randbytes(20_500_000)
        yield Case("a large plugin", name, Plan(files={name: noise}).write, "has 21 MB, more than 20|has 20 MB, more")
    yield from records(bundle)
    yield from odd_archives(bundle)


def records(bundle: Path) -> Iterator[Case]:
    """Yield wheels whose RECORD is not what they hold."""
    changes: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
        "without one": (lambda files: files.pop(RECORD), "has no RECORD"),
        "of nothing": (lambda files: files.update({RECORD: b""}), "which its RECORD does not name"),
        "of two columns": (lambda files: files.update({RECORD: b"a,b\n"}), "no table of three columns"),
        "that is no text": (lambda files: files.update({RECORD: b"\xff\xfe"}), "no table of three columns"),
        "with a file twice": (lambda files: twice(files), "no table of three columns"),
        "a file more": (lambda files: files.update({"more.py": RUN}), "has more.py, which its RECORD does not name"),
        "a hidden file more": (lambda files: files.update({".x": RUN}), "has .x, which its RECORD does not name"),
        "a file less": (lambda files: files.pop("acme_tool.py"), "names acme_tool.py, which is not there"),
        "other code": (lambda files: files.update({"acme_tool.py": RUN}), "acme_tool.py is not what the wheel's"),
        "other code of the same length": (
            lambda files: files.update({"acme_tool.py": files["acme_tool.py"][::-1]}),
            "acme_tool.py is not what the wheel's RECORD",
        ),
        "by MD5": (lambda files: record(files, b"sha256=", b"md5="), "is not what the wheel's RECORD"),
        "without hashes": (lambda files: record(files, b"sha256=", b"="), "is not what the wheel's RECORD"),
        "of another file": (lambda files: record(files, b"acme_tool.py", b"../acme.py"), "names ../acme.py"),
        "with two": (
            lambda files: files.update({"x-1.dist-info/RECORD": b""}),
            "has no RECORD, more than one|of another package",
        ),
    }  # fmt: skip
    for name, (change, sentence) in changes.items():
        yield Case("a RECORD that lies", name, changed(bundle, change), sentence)
    random = generator("records")
    for number in range(10):
        noise = random.randbytes(60)
        yield Case("a RECORD that lies", f"noise {number}", changed(bundle, noisy(noise)), "RECORD|three columns")


def noisy(noise: bytes) -> Callable[[dict[str, bytes]], object]:
    return lambda files: files.update({RECORD: noise})


def twice(files: dict[str, bytes]) -> None:
    files[RECORD] += files[RECORD].splitlines(keepends=True)[0]


def record(files: dict[str, bytes], old: bytes, new: bytes) -> None:
    files[RECORD] = files[RECORD].replace(old, new)


def changed(bundle: Path, change: Callable[[dict[str, bytes]], object]) -> Callable[[Path], Path]:
    """Return what writes the bundle with other files in the plugin's wheel, whose hash is right everywhere."""

    def change_wheel(files: dict[str, bytes]) -> None:
        with zipfile.ZipFile(io.BytesIO(files[PLUGIN])) as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
        change(content)
        replace_wheel(files, PLUGIN, zipped(content))

    return lambda folder: write_changed(bundle, folder / "bundle.gptx", change_wheel)


def zipped(content: dict[str, bytes]) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return memory.getvalue()


def odd_archives(bundle: Path) -> Iterator[Case]:
    """Yield wheels that are no archives, or odd ones."""
    random = generator("wheels")
    bomb = {f"{number}.txt": bytes(30_000_000) for number in range(2)}
    contents = {
        "nothing": b"",
        "a pickle": b"\x80\x04K\x01.",
        "the end alone": b"PK\5\6" + bytes(18),
        "a bomb": zipped({"fruit-1.5.dist-info/METADATA": b"Name: fruit\nVersion: 1.5\n", **bomb}),
        "overlapping files": overlapping(),
        **{f"noise {number}": random.randbytes(900) for number in range(5)},
    }
    for name, content in contents.items():
        yield Case(
            "a wheel that is none",
            name,
            wheel_of(bundle, content),
            r"fruit-1.5-py3-none-any.whl (cannot be read|has no metadata|unpacks from|has .* some overlap|has a dir)",
        )


def wheel_of(bundle: Path, content: bytes) -> Callable[[Path], Path]:
    return lambda folder: write_changed(
        bundle, folder / "bundle.gptx", lambda files: replace_wheel(files, FRUIT, content)
    )


def overlapping() -> bytes:
    """Return a wheel of which many entries are the same bytes, as in D. Fifield's better zip bomb."""
    name = b"a" * 12
    kernel = zipped({name.decode(): bytes(range(256)) * 2000})
    where = kernel.index(b"PK\1\2")
    central, body = kernel[where : kernel.index(b"PK\5\6")], kernel[:where]
    directory = b"".join(central.replace(name, b"%012d" % number) for number in range(500))
    end = b"PK\5\6" + bytes(4) + (500).to_bytes(2, "little") * 2
    return body + directory + end + len(directory).to_bytes(4, "little") + len(body).to_bytes(4, "little") + bytes(2)
