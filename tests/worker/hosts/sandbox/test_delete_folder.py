"""Folders are deleted whatever a plugin has made of them, and what is left is named."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import pytest

from worker.hosts.sandbox.delete_folder import delete_folder

MEMORY = Path("/dev/shm")
"""A file system without a disk, where 20,000 folders are deleted in no time."""


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as name:
        made = Path(name) / "folder"
        made.mkdir()
        yield made


def nest(folder: Path, depth: int, name: str) -> None:
    """Make folders within each other, with a file in the last one."""
    parent = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=parent)
        inner = os.open(name, os.O_RDONLY, dir_fd=parent)
        os.close(parent)
        parent = inner
    os.close(os.open("file", os.O_CREAT, dir_fd=parent))
    os.close(parent)


@pytest.mark.parametrize(("depth", "name"), [(2_500, "d"), (20_000, "d"), (2_500, "n" * 255)])
def test_depth_is_no_obstacle(depth: int, name: str, folder: Path) -> None:
    nest(folder, depth, name)
    assert delete_folder(folder, 60) == []
    assert not folder.exists()


def close_folders(folder: Path) -> None:
    for mode in (0o000, 0o100, 0o200, 0o300, 0o400, 0o500, 0o600):
        closed = folder / f"{mode:o}"
        (closed / "inner" / "innermost").mkdir(parents=True)
        (closed / "inner" / "file").write_text("x")
        (closed / "file").write_text("x")
        for each in (closed / "file", closed / "inner", closed):
            each.chmod(mode)
    folder.chmod(0)


def make_names(folder: Path) -> None:
    for name in (b"\xff\xfe", b"new\nline", b"-rf", "汉字".encode(), b"\x1b[31m", b"n" * 255):
        os.mkdir(os.path.join(os.fsencode(folder), name))
        Path(folder, os.fsdecode(name), os.fsdecode(name)).write_text("x")


def make_specials(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    (folder / "dangling").symlink_to("nowhere")
    (folder / "loop").symlink_to("loop")
    (folder / "inner").mkdir()
    os.mkfifo(folder / "inner" / "fifo")


@pytest.mark.parametrize("make", [close_folders, make_names, make_specials])
def test_what_is_closed_or_strange_goes_too(make: Callable[[Path], None], folder: Path) -> None:
    make(folder)
    assert delete_folder(folder) == []
    assert not folder.exists()


def test_links_are_never_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "inner").mkdir(parents=True)
    (outside / "file").write_text("precious")
    outside.chmod(0o500)
    (folder / "inner").mkdir()
    (folder / "link").symlink_to(outside)
    (folder / "inner" / "link").symlink_to(outside)
    assert delete_folder(folder) == []
    assert (outside / "file").read_text() == "precious"
    assert (outside / "inner").is_dir()
    assert outside.stat().st_mode & 0o777 == 0o500


def test_a_link_in_place_of_the_folder_is_left_and_named(folder: Path, tmp_path: Path) -> None:
    (folder / "file").write_text("precious")
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert delete_folder(link) != []
    assert (folder / "file").exists()


def test_nothing_is_given_up_silently_while_others_make_more(folder: Path) -> None:
    # Given a process that goes on to make files and folders
    over, begun = Event(), Event()

    def make() -> None:
        held = os.open(folder, os.O_RDONLY)
        begun.set()
        number = 0
        while not over.is_set():
            number += 1
            try:
                os.mkdir(f"folder-{number}", dir_fd=held)
                os.close(os.open(f"file-{number}", os.O_CREAT, dir_fd=held))
            except FileNotFoundError:
                break
        os.close(held)

    maker = Thread(target=make)
    maker.start()
    assert begun.wait(10)
    # When the folder is deleted
    problems = delete_folder(folder, 2)
    # Then it is gone, or it is said why not
    assert folder.exists() == bool(problems)
    over.set()
    maker.join()
    # And once nobody makes more, it goes
    assert delete_folder(folder) == []
    assert not folder.exists()


def test_an_end_in_time_is_part_of_the_bargain(folder: Path) -> None:
    nest(folder, 2_000, "d")
    (problem,) = delete_folder(folder, 0)
    assert "0 s" in problem
    assert delete_folder(folder) == []


def test_a_folder_that_is_not_there_is_no_problem(tmp_path: Path) -> None:
    assert delete_folder(tmp_path / "none") == []
