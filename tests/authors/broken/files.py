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
    Broken("pth", "?", files={"acme.pth": "import acme_greeter\n"}),
    Broken("sitecustomize", "?", files={"sitecustomize.py": "import acme_greeter\n"}),
    in_src("usercustomize", "?", {"usercustomize/__init__.py": ""}),
    Broken("link", "?", make=with_link),
    Broken("weights", "?", make=with_weights),
    in_src("compiled-leftover", "?", {"acme_words.pyc": b"\xa7\r\r\n"}),
    in_src("shared-library", "?", {"acme_words/fast.so": b"\x7fELF"}),
    in_src("dot-env", "?", {"acme_words/.env": "PORT=8000\n"}),
    in_src("private-key-file", "?", {"acme_words/id_ed25519": "none\n"}),
    in_src("key-store", "?", {"acme_words/signing.p12": b"\0\1"}),
    Broken("private-key", "?", files={"notes.md": f"\n-----BEGIN {'OPENSSH'} PRIVATE KEY-----\n{RANDOM}\n"}),
    Broken("key-of-aws", "?", top=f"KEY = 'AKIA{'Q7ZP2LXVTB6NKWR4'}'\n"),
    Broken("token-of-github", "?", top=f"TOKEN = 'ghp_{RANDOM[:36]}'\n"),
    Broken("key-of-openai", "?", top=f"KEY = 'sk-proj-{RANDOM[:20]}T3Blbk{'FJ'}{RANDOM[:20]}'\n"),
    Broken("token-of-hugging-face", "?", top=f"TOKEN = 'hf_{'qZpLxVtBnKwRsYcJmHdGfTaEuXiPoCvNkQ'}'\n"),
    Broken("key-of-a-store", "?", top=f"\n\nKEY = 'gs_{RANDOM[:40]}'\n"),
    Broken(
        "password-in-an-address", "?", files={"settings.ini": f"url = postgres://ada:{RANDOM[:16]}@db.example.org\n"}
    ),
]
