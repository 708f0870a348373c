"""The data folder: private to this user, and one coordinator at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from server.process.files import PRIVATE

PRIVATE_FOLDER = 0o700


class FolderInUse(Exception):
    """another coordinator works in this data folder"""


def prepare_folder(folder: Path) -> None:
    """Make the folder, and take it and all that lies in it from everybody else.

    Another command, or another version of ours, may have left a database that all could read. What
    this process makes from now on is private as well.
    """
    os.umask(0o077)
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    _tighten(folder, PRIVATE_FOLDER)
    for entry in folder.rglob("*"):
        if entry.is_symlink():
            continue  # what it leads to lies elsewhere
        _tighten(entry, PRIVATE_FOLDER if entry.is_dir() else PRIVATE)


def _tighten(entry: Path, mode: int) -> None:
    """Take every right but the owner's; leave what is gone meanwhile or another user's."""
    with suppress(FileNotFoundError, PermissionError):
        if entry.stat().st_mode & 0o077:
            entry.chmod(mode)


@contextmanager
def only_coordinator(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; raise FolderInUse when somebody else does.

    The kernel releases it when we end, however we end. A child does not inherit it.
    """
    prepare_folder(folder)
    descriptor = os.open(folder / "coordinator.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FolderInUse(f"another coordinator works in {folder}") from None
