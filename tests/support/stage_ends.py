"""A slot, a source of sound and picture, and an end that keeps what it is sent."""

from media.contract.subjects import Subject
from media.contract.tickets import Slot
from media.packets.rtp import RtpPacket
from media.stage.demux import ExtensionIds, SectionStreams, StreamId
from media.stage.slot import StageSlot
from media.stage.source import Source, source_of
from media.stage.subscriptions.subscriber import Subscriber
from tests.support.plain_audience import PlainAudience

KEY, DELTA = b"\x65key", b"\x41delta"
SOUND, PICTURE = SectionStreams("0", frozenset({111})), SectionStreams("1", frozenset({102}))
LAYERED = SectionStreams("1", frozenset({102}), ("low", "high"))
MID, LOW, HIGH = StreamId("1"), StreamId("1", "low"), StreamId("1", "high")


class Outlet:
    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.again: list[int] = []

    def send_rtp(self, packet: bytes) -> None:
        self.sent.append(packet)

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        self.again.append(newest)


def make_slot() -> StageSlot:
    return StageSlot(Slot.MAIN, ("audio", "video"), "c1", lambda _kind: PlainAudience())


def make_source(picture: SectionStreams = PICTURE, subject: str = "room:a") -> Source:
    sections = [("audio", "OPUS", SOUND), ("video", "H264", picture)]
    return source_of(Slot.MAIN, Subject(subject), sections, ExtensionIds())


def packet(number: int, ssrc: int, payload: bytes = KEY, payload_type: int = 102) -> RtpPacket:
    return RtpPacket(True, payload_type, number, 3000 * number, ssrc, payload)


def feed(source: Source, stream: StreamId, *packets: RtpPacket, now: float = 1.0) -> None:
    track = source.streams[stream].track
    assert track is not None
    for one in packets:
        track.receive([one], now)


def end(**types: int) -> tuple[Subscriber, Outlet]:
    outlet = Outlet()
    return Subscriber(outlet, 42, types or {"H264": 102, "OPUS": 111}, 2000), outlet
