"""The driver acts on what tracks return, by one timer for all of them."""

import asyncio
from collections.abc import Iterable

from media import clock
from media.contract.subjects import Subject
from media.contract.tickets import Slot
from media.node.stage.driver import StageDriver
from media.packets.rtp import RtpPacket
from media.stage.demux import ExtensionIds, SectionStreams
from media.stage.frame import GATHER
from media.stage.outcome import NOTHING, Outcome
from media.stage.reception.nack import ROUND
from media.stage.slot import StageSlot
from media.stage.source import source_of
from media.stage.subscription import Subscription
from media.stage.subscriptions.subscriber import Subscriber
from media.stage.track import Track
from tests.support.plain_audience import PlainAudience

KEY, DELTA = b"\x65" + bytes(40), b"\x41" + bytes(40)


class Wire:
    """Both ends of a stage: what the publisher is asked for, and what a viewer is sent and when."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, list[int]]] = []
        self.sent: list[tuple[float, int]] = []

    def send_nack(self, ssrc: int, sequences: Iterable[int]) -> None:
        self.asked.append(("nack", ssrc, list(sequences)))

    def send_pli(self, ssrc: int) -> None:
        self.asked.append(("pli", ssrc, []))

    def send_rtp(self, packet: bytes) -> None:
        self.sent.append((clock.mono(), int.from_bytes(packet[2:4], "big")))

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        self.send_rtp(packet)


class Stage:
    """A slot with a source and a viewer, and their driver."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.began: list[Track] = []
        slot = StageSlot(Slot.MAIN, ("video",), "c", lambda _kind: PlainAudience())
        self.driver = StageDriver({Slot.MAIN: slot}, {Slot.MAIN: self.wire}, self.began.append)
        sections = [("video", "H264", SectionStreams("0", frozenset({102})))]
        slot.show(source_of(Slot.MAIN, Subject("room:a"), sections, ExtensionIds()), clock.mono())
        end = Subscriber(self.wire, 42, {"H264": 109}, 2000)
        followed = slot.subscribe(Subscription(slot, {"video": end}), clock.mono())
        self.driver.follow_all(Slot.MAIN, followed)
        self.track = slot.track("video")

    def receive(self, number: int, payload: bytes, marker: bool = True) -> Outcome:
        packet = RtpPacket(marker, 102, number, 3000 * number, 7, payload)
        outcome = self.track.receive([packet], clock.mono())
        self.driver.follow(Slot.MAIN, self.track, outcome)
        return outcome


async def test_a_frame_without_its_marker_is_sent_after_two_milliseconds() -> None:
    stage = Stage()
    began = clock.mono()
    stage.receive(1, KEY, marker=False)
    assert stage.began == [stage.track]
    assert stage.wire.sent == []
    async with asyncio.timeout(2):
        while not stage.wire.sent:
            await asyncio.sleep(0.001)
    assert stage.wire.sent[0][0] - began >= GATHER - 0.001


async def test_what_is_missing_is_asked_for_and_a_keyframe_behind_it() -> None:
    stage = Stage()
    stage.receive(1, KEY)
    began = clock.mono()
    stage.receive(3, DELTA)
    assert stage.wire.asked == []
    async with asyncio.timeout(5):
        while len(stage.wire.asked) < 5:
            await asyncio.sleep(0.005)
    assert stage.wire.asked == [("nack", 7, [2])] * 4 + [("pli", 7, [])]
    assert clock.mono() - began >= 1.2


async def test_a_keyframe_is_asked_for_once_a_second_without_any_packet() -> None:
    stage = Stage()
    stage.receive(1, DELTA)
    stage.driver.follow(Slot.MAIN, stage.track, stage.track.ask_keyframe(clock.mono()))
    assert stage.wire.asked == [("pli", 7, [])]
    async with asyncio.timeout(3):
        while len(stage.wire.asked) < 2:
            await asyncio.sleep(0.01)
    assert stage.wire.asked == [("pli", 7, [])] * 2


async def test_nothing_is_sent_after_the_end() -> None:
    stage = Stage()
    assert stage.receive(1, KEY, marker=False) is not NOTHING
    stage.driver.stop()
    await asyncio.sleep(3 * ROUND)
    assert stage.wire.sent == []


async def test_a_source_that_sent_nothing_and_a_slot_without_one_are_asked_for_nothing() -> None:
    stage = Stage()
    wanted = Outcome(keyframe=True, nacks=[5])
    stage.driver.follow(Slot.MAIN, stage.track, wanted)
    assert stage.wire.asked == []
    stage.receive(1, KEY)
    stage.driver.follow(Slot.GUEST, stage.track, wanted)
    assert stage.wire.asked == []
    stage.driver.follow(Slot.MAIN, stage.track, wanted)
    assert stage.wire.asked == [("nack", 7, [5]), ("pli", 7, [])]
    stage.driver.stop()
    stage.driver.stop()


async def test_only_a_source_that_began_is_told_of() -> None:
    stage = Stage()
    stage.receive(1, KEY)
    assert stage.began == [stage.track]
    stage.driver.follow(Slot.MAIN, stage.track, Outcome(keyframe=True))
    stage.driver.follow(Slot.MAIN, stage.track, Outcome(began=False, deadline=clock.mono() + 9))
    assert stage.began == [stage.track]
    stage.driver.stop()
