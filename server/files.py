"""Writing small files: the whole of it or nothing, with its mode from the first byte."""

import os
from pathlib import Path

PRIVATE, PUBLIC = 0o600, 0o644


def write_whole(file: Path, text: str, mode: int = PRIVATE) -> None:
    """Replace `file` by `text`. A reader sees the old file or the new one, also after a crash."""
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
