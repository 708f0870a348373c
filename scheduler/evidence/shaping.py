"""The shape of evidence on its way out: names that fit, times in milliseconds. Pure."""

import re
from datetime import UTC, datetime
from hashlib import sha256

from scheduler.evidence.intervals import NewFact
from scheduler.evidence.tracks import PeerTrack, Piece, ReportTrack

_LESSON = re.compile(r"[A-Za-z0-9_-]{1,16}")
"""Stages are lesson ids. Another name is nobody's lesson here (another product on the node)."""


def is_lesson(stage: str) -> bool:
    return _LESSON.fullmatch(stage) is not None


def short_name(prefix: str, *words: str) -> str:
    """Return a name of at most 32 characters for what has no peer of its own."""
    return f"{prefix}-{sha256(chr(0).join(words).encode()).hexdigest()[:24]}"


def moment_of(at: float) -> datetime:
    """Milliseconds: what a journal carries, and alike in every database."""
    return datetime.fromtimestamp(round(at, 3), UTC)


def fact_of(track: PeerTrack | ReportTrack, piece: Piece) -> NewFact:
    kind, start, end = piece
    return NewFact(
        track.stage,
        track.subject,
        track.role,
        track.boot,
        0,
        track.peer,
        kind,
        moment_of(start),
        moment_of(end),
    )
