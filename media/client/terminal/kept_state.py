"""What a terminal keeps over a power cut: its token and its last day, in one file of mode 0600."""

import contextlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VERSION = 1


@dataclass(slots=True)
class KeptState:
    """`token` is the device token ("" before pairing); `day` the last day document as it came;
    `clock_offset` the server's clock less ours in seconds."""

    token: str = ""
    day: dict[str, Any] = field(default_factory=dict)
    clock_offset: float = 0.0


def load_state(path: Path) -> KeptState:
    """Return what the file holds; an empty state for a file that is absent or damaged."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        if body["version"] != VERSION or not isinstance(body["day"], dict):
            return KeptState()
        return KeptState(str(body["token"]), body["day"], float(body["clock_offset"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return KeptState()


def save_state(path: Path, state: KeptState) -> None:
    """Write the file whole (a power cut leaves the old one), readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = {
        "version": VERSION,
        "token": state.token,
        "day": state.day,
        "clock_offset": state.clock_offset,
    }
    partial = path.with_name(f"{path.name}.part")
    with contextlib.suppress(FileNotFoundError):
        partial.unlink()
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(body, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
