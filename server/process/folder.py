"""The data folder: private to this user, and one coordinator at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderInUse(Exception):
    """another coordinator works in this data folder"""


def prepare_folder(folder: Path) -> None:
    """Make the folder, readable by nobody else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


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
