"""Plugins with files that no store takes. The secrets in them are made up, and put together here: nothing leaks."""

from pathlib import Path

from tests.authors.broken.plugin import Broken

RANDOM = "q7Zp2LxVtB9nKwR4sYcJ8mHdGf3TaEuX6iPo5CvN1kQzW0bM"
"""As random as a key, and none."""


def with_link(project: Path) -> None:
    (project / "acme_greeter").mkdir()
    (project / "acme_greeter.py").rename(project / "acme_greeter" / "__init__.py")
    (project / "acme_greeter" / "words.txt").symlink_to("/etc/passwd")


def with_weights(project: Path) -> None:
    (project / "src").mkdir()
    (project / "acme_greeter.py").rename(project / "src" / "acme_greeter.py")
    with (project / "src" / "weights.bin").open("wb") as weights:
        weights.truncate(21_000_000)


def in_src(name: str, line: str, files: dict[str, str | bytes]) -> Broken:
    """Return a project whose code is below src, with these files beside it."""

    def move(project: Path) -> None:
        (project / "acme_greeter.py").rename(project / "src" / "acme_greeter.py")

    return Broken(name, line, files={f"src/{path}": text for path, text in files.items()}, make=move)


FILES = [
    Broken(
        "pth",
        "acme.pth: file: the package has acme.pth, which each Python runs at its start → take it out of the package",
        files={"acme.pth": "import acme_greeter\n"},
    ),
    Broken(
        "sitecustomize",
        "sitecustomize.py: file: the package has sitecustomize.py, which each Python imports at its start → take it out of the package",
        files={"sitecustomize.py": "import acme_greeter\n"},
    ),
    in_src(
        "usercustomize",
        "src/usercustomize/__init__.py: file: the package has usercustomize/__init__.py, which each Python imports at its start → take it out of the package",
        {"usercustomize/__init__.py": ""},
    ),
    Broken(
        "link",
        "acme_greeter/words.txt: file: the package has acme_greeter/words.txt, which is a link → take it out of the package",
        make=with_link,
    ),
    Broken(
        "weights",
        "src/weights.bin: size: the package has 21 MB, more than 20 → leave out data and models: ctx.model is there for all tools",
        make=with_weights,
    ),
    in_src(
        "compiled-leftover",
        "src/acme_words.pyc: file: the package has acme_words.pyc, which is compiled, for one platform only → take it out of the package",
        {"acme_words.pyc": b"\xa7\r\r\n"},
    ),
    in_src(
        "shared-library",
        "src/acme_words/fast.so: file: the package has acme_words/fast.so, which is compiled, for one platform only → take it out of the package",
        {"acme_words/fast.so": b"\x7fELF"},
    ),
    in_src(
        "dot-env",
        "src/acme_words/.env: file: the package has acme_words/.env, which is where people keep secrets → take it out of the package",
        {"acme_words/.env": "PORT=8000\n"},
    ),
    in_src(
        "private-key-file",
        "src/acme_words/id_ed25519: file: the package has acme_words/id_ed25519, which is where people keep secrets → take it out of the package",
        {"acme_words/id_ed25519": "none\n"},
    ),
    in_src(
        "key-store",
        "src/acme_words/signing.p12: file: the package has acme_words/signing.p12, which is where people keep secrets → take it out of the package",
        {"acme_words/signing.p12": b"\0\1"},
    ),
    Broken(
        "private-key",
        "README.md:2: secret: a private key stands here → revoke it, read such values from ctx or the input, and take it out of the file and its history",
        files={"README.md": f"\n-----BEGIN {'OPENSSH'} PRIVATE KEY-----\n{RANDOM}\n"},
    ),
    Broken(
        "key-of-aws",
        "acme_greeter.py:1: secret: a key of AWS stands here → revoke it, read such values from ctx or the input, and take it out of the file and its history",
        top=f"KEY = 'AKIA{'Q7ZP2LXVTB6NKWR4'}'\n",
    ),
    Broken(
        "token-of-github",
        "acme_greeter.py:1: secret: a token of GitHub stands here → revoke it, read such values from ctx or the input, and take it out of the file and its history",
        top=f"TOKEN = 'ghp_{RANDOM[:36]}'\n",
    ),
    Broken(
        "key-of-openai",
        "acme_greeter.py:1: secret: a key of OpenAI stands here → revoke it, read such values from ctx or the input, and take it out of the file and its history",
        top=f"KEY = 'sk-proj-{RANDOM[:20]}T3Blbk{'FJ'}{RANDOM[:20]}'\n",
    ),
    Broken(
        "token-of-hugging-face",
        "acme_greeter.py:1: secret: a token of Hugging Face stands here → revoke it, read such values from ctx or the input, and take it out of the file and its history",
        top=f"TOKEN = 'hf_{'qZpLxVtBnKwRsYcJmHdGfTaEuXiPoCvNkQ'}'\n",
    ),
    Broken(
        "key-of-a-store",
        "acme_greeter.py:3: secret: a key of a gptstore stands here → revoke it, read such values from ctx or the input, and take it out of the file and its history",
        top=f"\n\nKEY = 'gs_{RANDOM[:40]}'\n",
    ),
    in_src(
        "password-in-an-address",
        "src/acme_words/config.ini:1: secret: a password in an address stands here → revoke it, read such values from ctx or the input, and take it out of the file and its history",
        {"acme_words/config.ini": f"url = postgres://ada:{RANDOM[:16]}@db.example.org\n"},
    ),
]
