"""Pictures are led to their sound by what the source's sender reports say."""

from itertools import pairwise

import pytest

from media.packets.rtcp import SenderReport
from media.packets.rtp import RtpPacket
from media.stage.lipsync import ENOUGH, NONSENSE, align
from media.stage.packet import StagePacket
from media.stage.subscriptions.subscriber import Subscriber
from media.stage.track import Track
from tests.support.plain_audience import PlainAudience

KEY, SYLLABLE = b"\x65" + bytes(40), b"opus"


class Watch(PlainAudience):
    """Keeps the last packet."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[int] = []

    def __len__(self) -> int:
        return 1

    def send(self, frame: list[StagePacket]) -> None:  # type: ignore[override]
        self.times += [packet.timestamp for packet in frame]


class Source:
    """Captures a picture and a syllable together; each takes its own time to arrive."""

    def __init__(self, ssrc: int, picture_late: float, sound_late: float) -> None:
        self.ssrc, self.late = ssrc, {"video": picture_late, "audio": sound_late}
        self.first = {"video": 4_000_000_000, "audio": 77}
        self.rates = {"video": 90_000, "audio": 48_000}
        self.sequence = 0

    def timestamp(self, kind: str, captured: float) -> int:
        return (self.first[kind] + round(captured * self.rates[kind])) % 2**32

    def show(self, tracks: dict[str, Track], captured: float) -> None:
        self.sequence += 1
        for kind, track in tracks.items():
            payload = KEY if kind == "video" else SYLLABLE
            time = self.timestamp(kind, captured)
            packet = RtpPacket(True, 96, self.sequence, time, self.ssrc, payload)
            track.receive([packet], captured + self.late[kind])

    def report(self, tracks: dict[str, Track], captured: float, clock: float = 1e6) -> None:
        for kind, track in tracks.items():
            assert track.reception is not None
            ntp = int((captured + clock) * 2**32)
            report = SenderReport(self.ssrc, ntp, self.timestamp(kind, captured))
            track.reception.reported(report, captured)


def make_tracks() -> tuple[dict[str, Track], dict[str, Watch]]:
    watches = {"video": Watch(), "audio": Watch()}
    rates = {"video": 90_000, "audio": 48_000}
    tracks = {kind: Track(kind, rates[kind], watches[kind]) for kind in watches}
    return tracks, watches


def begin(tracks: dict[str, Track]) -> None:
    tracks["video"].set_source("H264")
    tracks["audio"].set_source("OPUS")


def shown_skew(tracks: dict[str, Track], watches: dict[str, Watch], now: float) -> float:
    """Seconds by which a viewer, who reads our reports, shows the last picture too late."""
    said = {}
    for kind, track in tracks.items():
        subscriber = Subscriber(None, 1, {}, 0, packets=1)  # type: ignore[arg-type]
        report = track.sender_report(subscriber, 0, now)
        assert report is not None
        behind = (watches[kind].times[-1] - report.timestamp + 2**31) % 2**32 - 2**31
        said[kind] = behind / track.clock_rate
    return said["video"] - said["audio"]


def teach(tracks: dict[str, Track], source: Source, begin_at: float, seconds: int) -> None:
    for index in range(seconds * 20):
        captured = begin_at + index / 20
        source.show(tracks, captured)
        if index % 20 == 10:
            source.report(tracks, captured)
            align(tracks.values(), captured)


@pytest.mark.parametrize(("picture_late", "sound_late"), [(0.3, 0.02), (0.02, 0.3), (1.2, 0.0)])
def test_picture_is_moved_to_its_sound_also_after_a_change_of_source(
    picture_late: float, sound_late: float
) -> None:
    tracks, watches = make_tracks()
    begin(tracks)
    teach(tracks, Source(1, picture_late, sound_late), 10.0, 8)
    assert abs(shown_skew(tracks, watches, 20.0)) < 2 * ENOUGH
    begin(tracks)
    teach(tracks, Source(2, sound_late, picture_late), 25.0, 8)
    assert abs(shown_skew(tracks, watches, 35.0)) < 2 * ENOUGH
    for watch in watches.values():
        assert all(
            0 < (later - earlier) % 2**32 < 2**31 for earlier, later in pairwise(watch.times)
        )


def test_without_reports_of_both_nothing_is_known() -> None:
    tracks, _watches = make_tracks()
    begin(tracks)
    source = Source(1, 0.3, 0.0)
    source.show(tracks, 1.0)
    assert align(tracks.values(), 1.0) is None
    source.report({"audio": tracks["audio"]}, 1.0)
    assert align(tracks.values(), 1.0) is None
    assert align([tracks["audio"]], 1.0) is None
    source.report({"video": tracks["video"]}, 1.0)
    assert align(tracks.values(), 1.0) == pytest.approx(0.3, abs=1e-3)


def test_reports_of_two_clocks_move_nothing() -> None:
    tracks, watches = make_tracks()
    begin(tracks)
    source = Source(1, 0.0, 0.0)
    source.show(tracks, 1.0)
    source.report({"audio": tracks["audio"]}, 1.0)
    source.report({"video": tracks["video"]}, 1.0, clock=2e6)
    skew = align(tracks.values(), 1.0)
    assert skew is not None
    assert abs(skew) > NONSENSE
    source.show(tracks, 1.05)
    assert watches["video"].times[1] - watches["video"].times[0] == 4500


def both(picture: float | None, sound: float | None) -> dict[str, Track]:
    """Tracks that began together, whose reports say so many seconds past 100 of the same moment."""
    tracks, _watches = make_tracks()
    begin(tracks)
    for kind, said in (("video", picture), ("audio", sound)):
        packet = RtpPacket(True, 96, 1, 1000, 7, KEY if kind == "video" else SYLLABLE)
        tracks[kind].receive([packet], 10.0)
        reception = tracks[kind].reception
        assert reception is not None
        if said is not None:
            reception.reported(SenderReport(7, int((100 + said) * 2**32), 1000), 10.0)
    return tracks


@pytest.mark.parametrize(
    ("skew", "moved"),
    [(0.0, False), (0.002, False), (-0.002, False), (0.004, True), (-0.004, True), (4.9, True),
     (5.1, False), (-5.1, False)],
)  # fmt: skip
def test_a_skew_is_mended_from_three_milliseconds_to_five_seconds(skew: float, moved: bool) -> None:
    tracks = both(0.0, skew)
    assert align(tracks.values(), 10.0) == pytest.approx(skew, abs=1e-6)
    assert tracks["video"].timeline._slew.active is moved
    assert not tracks["audio"].timeline._slew.active


def test_a_picture_that_is_late_is_moved_forward() -> None:
    tracks = both(0.0, 0.5)
    align(tracks.values(), 10.0)
    tracks["video"].receive([RtpPacket(True, 96, 2, 1000 + 9000, 7, KEY)], 10.1)
    tracks["video"].receive([RtpPacket(True, 96, 3, 1000 + 18_000, 7, KEY)], 10.2)
    assert tracks["video"].timeline.ahead_of_line(19_000, 10.2) == pytest.approx(-0.05, abs=1e-4)


def test_a_skew_that_is_gone_ends_the_move() -> None:
    tracks = both(0.0, 0.5)
    align(tracks.values(), 10.0)
    reception = tracks["audio"].reception
    assert reception is not None
    reception.reported(SenderReport(7, 100 << 32, 1000), 10.0)
    align(tracks.values(), 10.0)
    assert not tracks["video"].timeline._slew.active


@pytest.mark.parametrize(("picture", "sound"), [(None, 0.5), (0.5, None), (None, None)])
def test_without_both_reports_nothing_is_known(picture: float | None, sound: float | None) -> None:
    tracks = both(picture, sound)
    assert align(tracks.values(), 10.0) is None
    assert not tracks["video"].timeline._slew.active


def test_one_track_alone_is_with_itself() -> None:
    tracks = both(0.0, 0.5)
    assert align([tracks["video"]], 10.0) is None
    assert align([], 10.0) is None


def test_a_report_of_another_source_says_nothing() -> None:
    tracks = both(0.0, 0.5)
    reception = tracks["video"].reception
    assert reception is not None
    reception.reported(SenderReport(8, 100 << 32, 1000), 10.0)
    assert align(tracks.values(), 10.0) is None
