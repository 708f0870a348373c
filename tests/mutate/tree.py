"""A copy of the checkout that may be spoiled."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mutate.mirror import listed

IGNORED_BUT_NEEDED = ("web/static/vendor", "node_modules")
"""Folders of set-up that some tests read: linked, not copied."""


@contextmanager
def copied(root: Path) -> Iterator[Path]:
    """A copy of the files of the checkout, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="tongke-mutate-") as folder:
        copy = Path(folder)
        for name in listed(root):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, copy / name)
        for name in IGNORED_BUT_NEEDED:
            if (root / name).is_dir():
                (copy / name).symlink_to(root / name)
        yield copy


class Spoiled:
    """One source file of a copy: written again and again, each time with a time of its own.

    Python takes kept bytecode for right when time (in seconds) and size of the source fit: two
    changes of one second and one length would otherwise be the same to it.
    """

    def __init__(self, copy: Path, source: str) -> None:
        self._path = copy / source
        self.text = self._path.read_text("utf-8")
        self._time = int(self._path.stat().st_mtime)

    @contextmanager
    def holding(self, text: str) -> Iterator[None]:
        """Hold `text` for the length of the block, then what was there before."""
        self._write(text)
        try:
            yield
        finally:
            self._write(self.text)

    def _write(self, text: str) -> None:
        self._time += 1
        self._path.write_text(text, "utf-8")
        os.utime(self._path, (self._time, self._time))
