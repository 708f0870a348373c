"""What a terminal keeps over a power cut: its token and its last day, in one file of mode 0600."""

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import JsonValue, ValidationError

from media.contract.day import DayDocument
from media.contract.model import TolerantModel

VERSION: Literal[1] = 1


@dataclass(slots=True)
class KeptState:
    """`token` is the device token ("" before pairing); `day` the last day document;
    `clock_offset` the server's clock less ours in seconds."""

    token: str = ""
    day: DayDocument | None = None
    clock_offset: float = 0.0


class _File(TolerantModel):
    """The file. `day` is read by itself: one that we cannot use must not cost the token."""

    version: Literal[1]
    token: str
    day: Mapping[str, JsonValue]
    clock_offset: float


def load_state(path: Path) -> KeptState:
    """Return what the file holds; an empty state for a file that is absent or damaged."""
    try:
        file = _File.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return KeptState()
    return KeptState(file.token, _day(file.day), file.clock_offset)


def _day(document: Mapping[str, JsonValue]) -> DayDocument | None:
    try:
        return DayDocument.model_validate_json(json.dumps(document))
    except ValidationError:
        return None


def save_state(path: Path, state: KeptState) -> None:
    """Write the file whole (a power cut leaves the old one), readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = {
        "version": VERSION,
        "token": state.token,
        "day": state.day.model_dump(mode="json") if state.day else {},
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
