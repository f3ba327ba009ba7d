"""The Python environment of a plugin's code, and the paths of the file system that it has to read."""

import os
import sys
import sysconfig
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from gptstore.sdk.plugins import plugin_folders

ROOT = Path(__file__).parents[3]
LAUNCH = (sys.executable, "-m", "worker.hosts.sandbox.launch")
SYSTEM = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/ld.so.cache"]
FOR_NETWORK = [
    *("/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services"),
    *("/etc/ssl", "/etc/pki", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates"),
]
"""The files that are needed to resolve names and to trust certificates."""

DEVICES = ["/dev/null", "/dev/zero", "/dev/urandom"]
LIBRARIES = "LD_LIBRARY_PATH"
LANGUAGE = {"LANG": "C.UTF-8"}
START = """
import sys
module, before, after = sys.argv[1:4]
del sys.argv[1:4]
sys.path[:0], sys.path[len(sys.path):] = filter(None, before.split(":")), filter(None, after.split(":"))
from importlib import import_module
import_module(module).main()
"""
"""Runs the function `main` of a module that only the paths beside it lead to: no variable reaches a Python with -I."""


@dataclass(frozen=True)
class PythonEnvironment:
    """A Python. python: the interpreter. readable: paths that it needs. listed: folders that it lists to find these.

    extra: folders of modules that it finds before all others, as by PYTHONPATH.
    library: its folder of packages, of which no `.pth` file and no `sitecustomize` is run. "": the one that the
    interpreter has for itself, as that of the worker, where editable packages need such files.
    """

    python: str
    readable: tuple[str, ...]
    listed: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    library: str = ""

    def command(self, module: str, *arguments: str) -> list[str]:
        """Return the command that runs the function `main` of this module, isolated from variables and from users."""
        options = ["-I", "-B", *(["-S"] if self.library else [])]
        return [self.python, *options, "-c", START, module, os.pathsep.join(self.extra), self.library, *arguments]

    @property
    def folder(self) -> Path:
        """Return the folder of the virtual environment."""
        return Path(self.python).parents[1]

    @property
    def variables(self) -> dict[str, str]:
        """Return the environment variables of the host, all of them."""
        return LANGUAGE | libraries()


def libraries() -> dict[str, str]:
    """Return the variable with the folder of the interpreter's own library, if it needs one."""
    return {LIBRARIES: os.environ[LIBRARIES]} if LIBRARIES in os.environ else {}


def launcher_variables() -> dict[str, str]:
    """Return the environment variables of a process of the sandbox's own, all of them."""
    return {"PYTHONPATH": str(ROOT)} | libraries()


def own_environment() -> PythonEnvironment:
    """Return the worker's own, less the site and the worker: a plugin that is installed here finds what it declared."""
    extra = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    package = site_package()
    sdk = [str(package / "__init__.py"), str(package / "sdk")]
    readable = [sys.prefix, *interpreter(), *sdk, *plugin_folders(), *extra, *SYSTEM, *DEVICES]
    return PythonEnvironment(sys.executable, tuple(dict.fromkeys(readable)), (str(package),), tuple(extra))


def released_environment(folder: Path) -> PythonEnvironment:
    """Return a release's own, which has all that its plugin needs, the SDK too: it reads nothing of the worker's."""
    readable = [str(folder), *interpreter(), *SYSTEM, *DEVICES]
    python, library = folder / "bin" / "python", packages_of(folder)
    return PythonEnvironment(str(python), tuple(dict.fromkeys(readable)), library=str(library))


def packages_of(folder: Path) -> Path:
    """Return the folder of the packages of a virtual environment for this version of Python."""
    return folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def interpreter() -> list[str]:
    return [sys.base_prefix, str(Path(sys.executable).resolve()), sysconfig.get_paths()["stdlib"]]


def site_package() -> Path:
    """Return the folder of `gptstore`, of which a plugin reads the SDK only; the folder around it may hold secrets."""
    spec = find_spec("gptstore")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent
