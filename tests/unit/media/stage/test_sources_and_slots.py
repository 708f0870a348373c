"""A source's streams, a slot's layers and what a source's farewell or report does, one by one."""

from collections.abc import Sequence

import pytest

from media.packets.rtcp import SenderReport
from media.stage.demux import StreamId
from media.stage.layers import Layer
from media.stage.packet import StagePacket
from media.stage.subscription import Subscription
from media.stage.track import Track
from tests.support.plain_audience import PlainAudience
from tests.support.stage_ends import (
    HIGH,
    KEY,
    LAYERED,
    LOW,
    MID,
    end,
    feed,
    make_slot,
    make_source,
    packet,
)


class Frames(PlainAudience):
    """Keeps the sizes of the frames that are sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def send(self, frame: Sequence[StagePacket]) -> None:
        self.sizes.append(len(frame))
        super().send(frame)


def test_a_source_has_a_stream_of_each_section_and_layer() -> None:
    source = make_source(LAYERED)
    assert [(one.id, one.kind, one.codec) for one in source.streams.values()] == [
        (StreamId("0"), "audio", "OPUS"),
        (LOW, "video", "H264"),
        (HIGH, "video", "H264"),
    ]
    assert (source.tracks, source.ssrcs) == ([], [])
    found = source.stream_of(packet(1, 7, payload_type=111), packet(1, 7, payload_type=111).pack())
    assert found is source.streams[StreamId("0")]
    stranger = packet(1, 8, payload_type=99)
    assert source.stream_of(stranger, stranger.pack()) is None


def test_a_slot_has_the_layers_of_what_is_shown() -> None:
    slot = make_slot()
    assert (slot.source, slot.publisher(), slot.cname) == (None, None, "c1")
    assert slot.layers("video") == [Layer("", 0)]
    assert [track.kind for track in slot.tracks] == ["audio", "video"]
    assert [track.clock_rate for track in slot.tracks] == [48_000, 90_000]
    source = make_source(LAYERED)
    assert slot.show(source, 0.0) == []
    assert slot.layers("video") == [Layer("low", 0), Layer("high", 0)]
    slot.tick(1.0)
    feed(source, HIGH, packet(1, 9))
    slot.tick(2.0)
    assert slot.layers("video") == [Layer("low", 0), Layer("high", 8 * len(KEY))]
    assert [slot.track("video", rid).fed for rid in ("", "low", "high")] == [False, True, True]
    with pytest.raises(KeyError):
        slot.track("video", "middle")
    slot.clear()
    slot.clear()
    assert (slot.layers("video"), slot.publisher(), source.tracks) == ([Layer("", 0)], None, [])
    assert not slot.track("audio").fed


def test_another_source_takes_the_place_of_the_one_before() -> None:
    slot, first, second = make_slot(), make_source(), make_source(subject="room:b")
    slot.show(first, 0.0)
    slot.show(second, 1.0)
    assert (slot.source, slot.publisher()) == (second, "room:b")
    assert (first.tracks, len(second.tracks)) == ([], 2)


def test_what_a_subscriber_lacks_is_forgotten_once_a_second() -> None:
    slot, source = make_slot(), make_source()
    subscriber, outlet = end()
    slot.subscribe(Subscription(slot, {"video": subscriber}), 0.0)
    slot.show(source, 0.0)
    feed(source, MID, packet(1, 9))
    slot.clear()
    track = slot.track("video")
    slot.tick(2.0)
    assert track.retransmit(subscriber, [2000]) == 1
    slot.tick(9.0)
    assert track.retransmit(subscriber, [2000]) == 0
    assert (len(outlet.sent), len(outlet.again)) == (1, 1)


def test_a_farewell_ends_what_it_names() -> None:
    slot, source = make_slot(), make_source()
    slot.show(source, 0.0)
    assert source.say_bye([1, 2]) is False, "nothing has come yet"
    feed(source, StreamId("0"), packet(1, 1, b"opus"))
    feed(source, MID, packet(1, 2))
    assert source.ssrcs == [1, 2]
    assert source.say_bye([9]) is False
    assert source.say_bye([]) is False
    assert source.ssrcs == [1, 2]
    assert source.say_bye([2, 9]) is False, "its sound goes on"
    assert source.ssrcs == [1]
    assert source.say_bye([1]) is True
    assert source.ssrcs == []
    feed(source, MID, packet(9, 3), now=9.0)
    feed(source, StreamId("0"), packet(9, 4, b"opus"), now=9.0)
    assert source.say_bye([3, 4]) is True


def test_a_report_is_noted_of_the_stream_that_it_names() -> None:
    slot, source = make_slot(), make_source()
    slot.show(source, 0.0)
    feed(source, StreamId("0"), packet(1, 1, b"opus"))
    feed(source, MID, packet(1, 2))
    reports = [SenderReport(ssrc, 2**40, 5) for ssrc in (9, 2)]
    for report in reports:
        source.take_report(report, 2.0)
    sound, picture = (track.reception for track in source.tracks)
    assert sound is not None
    assert picture is not None
    assert (sound.report, picture.report) == (None, reports[1])


def test_a_report_of_both_moves_the_picture_to_its_sound() -> None:
    slot, source = make_slot(), make_source()
    slot.show(source, 0.0)
    feed(source, StreamId("0"), packet(1, 1, b"opus"), now=1.0)
    feed(source, MID, packet(1, 2), now=1.0)
    source.take_report(SenderReport(1, 100 << 32, 3000), 2.0)
    video = slot.track("video").timeline
    assert not video._slew.active
    source.take_report(SenderReport(2, (100 << 32) + (1 << 31), 3000), 2.0)
    assert video._slew.active


def test_the_frame_of_a_source_leaves_before_another_one_begins() -> None:
    live = Frames()
    track = Track("video", 90_000, live)
    track.set_source("H264")
    subscriber, _outlet = end()
    track.subscribe(subscriber, 0.0)
    for number, ssrc in ((1, 7), (50, 8)):
        track.receive([packet(number, ssrc)._replace(marker=ssrc == 8)], 1.0)
    assert live.sizes == [1, 1]
