"""Keeps sound and picture of one source together, whatever way each of them came.

A source's tracks are laid on their lines by arrival, which says little: a keyframe takes longer
than a syllable. What is right stands in the source's sender reports, which put both on one clock
(RFC 3550 section 6.4.1). Where they show the pictures too early or late, the pictures are moved,
not the sound: some milliseconds of error in a frame are below what ITU-R BT.1359-1 calls noticeable
(sound 45 ms early or 125 ms late), while a sample left out or repeated is heard as a click.
"""

from collections.abc import Iterable

from media.stage.track import Track

ENOUGH = 0.003
"""Seconds of skew that are left alone: reports are rounded to milliseconds."""

NTP_SECOND = 1 << 32

NONSENSE = 5.0
"""Seconds of skew beyond which the reports themselves are wrong (clocks that differ)."""


def align(tracks: Iterable[Track], now: float) -> float | None:
    """Move a source's pictures towards its sound; return the skew in seconds, None while unknown.

    Above zero the pictures lie too late.
    """
    leads = {track.kind: (track, clock_lead(track, now)) for track in tracks}
    if len(leads) < 2:
        return None
    (video, picture), (_audio, sound) = leads["video"], leads["audio"]
    if picture is None or sound is None:
        return None
    skew = picture - sound
    if abs(skew) < NONSENSE:
        video.timeline.slew(-skew if abs(skew) > ENOUGH else 0.0)
    return skew


def clock_lead(track: Track, now: float) -> float | None:
    """Return by how many seconds a track's line leads its source's clock, None while unknown."""
    reception, timeline = track.reception, track.timeline
    report = reception.report if reception is not None else None
    if report is None or report.ssrc != timeline.ssrc:
        return None
    return now + timeline.ahead_of_line(report.timestamp, now) - report.ntp / NTP_SECOND
