"""requirements/*.txt: what is installed, where, and that each file of it is known by its hash."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.requirements import REQUIREMENT, split_torch

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "requirements"
ROLES = ["web", "worker", "dev", "torch"]
BUILDS = sorted((ROOT / "docker").glob("*.Dockerfile"))
COMPOSE = ROOT / "docker-compose.yml"
BY_DIGEST = r"[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}"


def pins_of(role: str) -> str:
    return (FOLDER / f"{role}.txt").read_text()


def names_in(pins: str) -> set[str]:
    return set(re.findall(r"^([\w.-]+)==", pins, re.MULTILINE))


@pytest.mark.parametrize("role", ROLES)
def test_every_pin_has_hashes(role: str) -> None:
    lines = [line for line in pins_of(role).splitlines() if not line.startswith("#")]

    found = REQUIREMENT.findall(pins_of(role))

    assert found
    assert sum(pin.count("\n") for pin in found) == len(lines)


@pytest.mark.parametrize("role", ROLES)
def test_pins_name_no_folder_and_no_machines_build(role: str) -> None:
    pins = re.sub(r"--hash=sha256:[0-9a-f]{64}", "", pins_of(role))

    assert "/" not in pins and "--" not in pins
    assert "+" not in pins


def test_the_web_process_is_installed_without_torch() -> None:
    pins = pins_of("web")

    assert "django==" in pins
    assert "torch" not in pins and "transformers" not in pins


def test_torch_and_its_cuda_libraries_stand_apart() -> None:
    apart = names_in(pins_of("torch"))

    assert {"torch", "triton"} < apart
    assert not apart & (names_in(pins_of("worker")) | names_in(pins_of("dev")))


def test_two_files_that_are_installed_together_agree() -> None:
    worker, dev = pins_of("worker"), pins_of("dev")

    for name in names_in(worker) & names_in(dev):
        found = [re.findall(rf"^{re.escape(name)}==\S+", pins, re.MULTILINE) for pins in (worker, dev)]
        assert found[0] == found[1]


def test_splitting_torch_from_the_rest_loses_no_pin() -> None:
    head, *pins = (
        "# made by a test\n",
        *(f"{name}==1 \\\n    --hash=sha256:00\n" for name in ("a", "nvidia-x", "torch", "z")),
    )

    rest, torch = split_torch(head + "".join(pins))

    assert rest == head + pins[0] + pins[3]
    assert torch == head + pins[1] + pins[2]


def test_this_environment_has_all_that_its_packages_need() -> None:
    """Packages are installed as the files name them, without a look at what they need."""
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stdout


def test_a_file_with_another_hash_is_not_installed(tmp_path: Path) -> None:
    # Given a package, and a requirement with the hash of another file
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "small"\nversion = "1"\n')
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--isolated"]
    make = [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*make, f"--wheel-dir={tmp_path}", str(folder)], check=True, timeout=120)
    (tmp_path / "pins.txt").write_text(f"small==1 --hash=sha256:{'0' * 64}\n")
    # When it is installed as the environment is
    install = [*pip, "install", "--no-index", f"--find-links={tmp_path}", f"--target={tmp_path}/there"]
    done = subprocess.run(
        [*install, "--require-hashes", "--no-deps", "-r", str(tmp_path / "pins.txt")],
        capture_output=True,
        text=True,
        timeout=120,
    )
    # Then it is refused
    assert done.returncode == 1
    assert "DO NOT MATCH THE HASHES" in done.stderr


@pytest.mark.parametrize("dockerfile", BUILDS, ids=lambda path: path.name)
def test_images_install_nothing_from_an_index_without_its_hash(dockerfile: Path) -> None:
    installs = re.findall(r"^RUN pip install (.+)$", dockerfile.read_text(), re.MULTILINE)

    assert any("requirements" in arguments for arguments in installs)
    for arguments in installs:
        assert "--no-deps" in arguments
        assert "--require-hashes" in arguments or re.search(r"--no-build-isolation (/src\S*( |$))+$", arguments)


@pytest.mark.parametrize("dockerfile", BUILDS, ids=lambda path: path.name)
def test_images_are_built_from_a_base_by_its_digest(dockerfile: Path) -> None:
    text = dockerfile.read_text()

    [(name, base)] = re.findall(r"^ARG (\w+)=(\S+)$", text, re.MULTILINE)
    assert name == "PYTHON_IMAGE"
    assert re.fullmatch(BY_DIGEST, base)
    assert f"${{PYTHON_IMAGE:-{base}}}" in COMPOSE.read_text()
    assert {line.split()[1] for line in text.splitlines() if line.startswith("FROM ")} == {"${PYTHON_IMAGE}"}


def test_services_that_are_not_built_run_images_by_their_digest() -> None:
    images = re.findall(r"image: \$\{\w+:-(\S+)\}", COMPOSE.read_text())

    assert [image.partition(":")[0] for image in images] == ["postgres", "redis"]
    assert all(re.fullmatch(BY_DIGEST, image) for image in images)
