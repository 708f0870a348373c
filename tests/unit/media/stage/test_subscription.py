"""Sources, slots and subscriptions: who is shown where, and who gets it in which layer."""

from collections.abc import Mapping
from itertools import pairwise

from media.contract.subjects import Subject
from media.contract.tickets import Slot
from media.packets.rtp import RtpPacket, parse_rtp
from media.stage.demux import ExtensionIds, SectionStreams, StreamId
from media.stage.layers import BestThatFits, Layer
from media.stage.slot import StageSlot
from media.stage.source import Source, source_of
from media.stage.subscription import Subscription
from media.stage.subscriptions.subscriber import Progress, Subscriber
from tests.support.plain_audience import PlainAudience

KEY, DELTA, SYLLABLE = b"\x65" + bytes(40), b"\x41" + bytes(40), b"opus"
SOUND, PICTURE = SectionStreams("0", frozenset({111})), SectionStreams("1", frozenset({102}))
LAYERED = SectionStreams("1", frozenset({102}), ("low", "high"))


class Receiver:
    """Keeps what it is sent of one slot."""

    def __init__(self, kinds: tuple[str, ...] = ("audio", "video")) -> None:
        self.sent: list[RtpPacket] = []
        types = {"audio": {"OPUS": 111}, "video": {"H264": 109}}
        self.ends = {
            kind: Subscriber(self, 10 + number, types[kind], 2000, timestamp_offset=5)
            for number, kind in enumerate(kinds)
        }

    def send_rtp(self, packet: bytes) -> None:
        self.sent.append(parse_rtp(packet))

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        self.send_rtp(packet)

    def of(self, kind: str) -> list[RtpPacket]:
        return [packet for packet in self.sent if packet.ssrc == self.ends[kind].ssrc]


def make_slot() -> StageSlot:
    return StageSlot(Slot.GUEST, ("audio", "video"), "c", lambda _kind: PlainAudience())


def make_source(subject: str, picture: SectionStreams = PICTURE) -> Source:
    sections = [("audio", "OPUS", SOUND), ("video", "H264", picture)]
    return source_of(Slot.GUEST, Subject(subject), sections, ExtensionIds())


class Feeder:
    """Sends into the streams of a source that is shown."""

    def __init__(self, source: Source, ssrc: int) -> None:
        self.source, self.ssrc = source, ssrc
        self.numbers: dict[StreamId, int] = {}

    def send(self, now: float, payloads: Mapping[StreamId, bytes]) -> None:
        for name, payload in payloads.items():
            number = self.numbers[name] = self.numbers.get(name, 65_500) + 1
            stream = self.source.streams[name]
            assert stream.track is not None
            rate = stream.track.clock_rate
            ssrc = self.ssrc + list(self.source.streams).index(name)
            time = int(now * rate) + 1000 * ssrc
            packet = RtpPacket(True, 102, number % 65_536, time, ssrc, payload)
            stream.track.receive([packet], now)


def test_a_source_is_shown_until_another_one_takes_its_slot() -> None:
    slot, receiver = make_slot(), Receiver()
    slot.subscribe(Subscription(slot, receiver.ends), 0.0)
    for turn, subject in enumerate(("room:a", "room:b"), 1):
        source = make_source(subject)
        slot.show(source, float(turn))
        assert slot.publisher() == subject
        feeder = Feeder(source, 100 * turn)
        feeder.send(turn + 0.1, {StreamId("0"): SYLLABLE, StreamId("1"): KEY})
        feeder.send(turn + 0.2, {StreamId("0"): SYLLABLE, StreamId("1"): DELTA})
    for kind in ("audio", "video"):
        assert [packet.sequence for packet in receiver.of(kind)] == [2000, 2001, 2002, 2003]
    slot.clear()
    assert slot.publisher() is None
    assert source.tracks == []


def test_a_subscription_that_ended_is_sent_nothing_more() -> None:
    slot, receiver, source = make_slot(), Receiver(("audio",)), make_source("room:a")
    subscription = Subscription(slot, receiver.ends)
    slot.subscribe(subscription, 0.0)
    slot.show(source, 0.0)
    feeder = Feeder(source, 1)
    feeder.send(0.1, {StreamId("0"): SYLLABLE})
    slot.unsubscribe(subscription)
    slot.unsubscribe(subscription)
    feeder.send(0.2, {StreamId("0"): SYLLABLE})
    assert len(receiver.sent) == 1


def test_no_subject_is_sent_its_own_sound_back_where_its_subscription_says_so() -> None:
    slot, receiver = make_slot(), Receiver()
    slot.subscribe(Subscription(slot, receiver.ends, without_sound_of=Subject("room:me")), 0.0)
    heard = []
    for turn, subject in enumerate(("room:other", "room:me", "room:other"), 1):
        source = make_source(subject)
        slot.show(source, float(turn))
        feeder = Feeder(source, 100 * turn)
        for at in range(5):
            feeder.send(turn + at / 10, {StreamId("0"): SYLLABLE, StreamId("1"): KEY})
        heard.append((len(receiver.of("audio")), len(receiver.of("video"))))
    assert heard == [(5, 5), (5, 10), (10, 15)]
    numbers = [packet.sequence for packet in receiver.of("audio")]
    assert numbers == list(range(2000, 2010))  # its own sound took up none of its numbers


def test_layers_are_tracks_and_a_subscription_goes_over_without_a_hole() -> None:
    slot, receiver = make_slot(), Receiver(("video",))
    source = make_source("room:a", LAYERED)
    slot.show(source, 0.0)
    low, high = StreamId("1", "low"), StreamId("1", "high")
    feeder = Feeder(source, 100)
    for at in range(1, 11):
        payload = KEY if at == 1 else DELTA
        feeder.send(at / 10, {low: payload, high: payload + bytes(4000)})
    slot.tick(1.0)
    feeder.send(1.1, {low: DELTA, high: DELTA + bytes(4000)})
    slot.tick(2.0)
    subscription = Subscription(slot, receiver.ends)
    slot.subscribe(subscription, 2.0)
    assert subscription.track("video") is slot.track("video", "high")
    feeder.send(2.1, {low: KEY, high: KEY + bytes(4000)})
    feeder.send(2.2, {low: DELTA, high: DELTA + bytes(4000)})
    (followed,) = subscription.carries(20_000, 2.25)
    assert followed.track is slot.track("video", "low")
    assert followed.outcome.keyframe
    feeder.send(2.3, {low: DELTA, high: DELTA + bytes(4000)})  # the old layer is left at once
    feeder.send(2.4, {low: KEY, high: DELTA + bytes(4000)})
    assert subscription.carries(20_000, 2.45) == []
    assert receiver.ends["video"].progress is Progress.LIVE
    assert [packet.sequence for packet in receiver.sent] == [2000, 2001, 2002]
    assert [len(packet.payload) > 4000 for packet in receiver.sent] == [True, True, False]
    times = [packet.timestamp for packet in receiver.sent]
    assert [after - before for before, after in pairwise(times)] == [
        9000,
        18_000,
    ]


def test_a_source_without_the_layer_is_seen_in_the_one_that_it_has() -> None:
    slot, receiver = make_slot(), Receiver(("video",))
    subscription = Subscription(slot, receiver.ends)
    slot.subscribe(subscription, 0.0)
    shown = []
    for turn, picture in enumerate((LAYERED, PICTURE, LAYERED), 1):
        source = make_source("room:a", picture)
        slot.show(source, float(turn))
        names = [name for name in source.streams if name.mid == "1"]
        feeder = Feeder(source, 100 * turn)
        feeder.send(turn + 0.1, dict.fromkeys(names, KEY))
        shown.append([rid for rid in ("", *LAYERED.rids) if rid in slot_rids(slot, subscription)])
    assert shown == [["high"], [""], ["high"]]
    assert [packet.sequence for packet in receiver.sent] == [2000, 2001, 2002]


def slot_rids(slot: StageSlot, subscription: Subscription) -> list[str]:
    shown = subscription.track("video")
    return [layer.rid for layer in slot.layers("video") if slot.track("video", layer.rid) is shown]


def test_the_best_layer_that_the_path_carries_is_chosen() -> None:
    layers = [Layer("q", 150_000), Layer("f", 2_500_000), Layer("h", 700_000)]
    choice = BestThatFits()
    assert choice.choose(layers, None) == "f"
    assert choice.choose(layers, 3_000_000) == "f"
    assert choice.choose(layers, 2_600_000) == "h"  # the rest of its path is for the sound
    assert choice.choose(layers, 10_000) == "q"
    paused = [*layers, Layer("tiny", 0)]
    assert choice.choose(paused, 10_000) == "q"
    assert choice.choose([Layer("a", 0), Layer("b", 0)], 10_000) == "b"  # nothing came yet
