"""Writing small files: the whole of it or nothing, with its mode from the first byte."""

import os
import secrets
from pathlib import Path

PRIVATE = 0o600


def write_whole(file: Path, text: str, mode: int = PRIVATE) -> None:
    """Replace `file` by `text`. A reader sees the old file or the new one, also after a crash."""
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    _write_new(draft, text, mode)
    draft.replace(file)


def write_once(file: Path, text: str) -> None:
    """Write a private file unless it is there, also when two processes come to do so at once."""
    if file.exists():
        return
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    _write_new(draft, text, PRIVATE)
    try:
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _write_new(file: Path, text: str, mode: int) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
