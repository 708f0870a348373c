"""Latecomers turn by turn: what is due when, where a backlog ends, and who leaves meanwhile."""

import pytest

from media.packets.rtp import parse_rtp
from media.stage.outcome import NEVER
from media.stage.packet import StagePacket
from media.stage.subscriptions.cache import PacketCache
from media.stage.subscriptions.catchup import CatchUp
from media.stage.subscriptions.distribution import Distribution
from media.stage.subscriptions.subscriber import Progress, Subscriber
from tests.support.plain_audience import PlainAudience


def packet(sequence: int, keyframe: bool = False) -> StagePacket:
    return StagePacket(sequence, 3000 * sequence, True, keyframe, "H264", bytes((sequence % 256,)))


class Outlet:
    """Keeps the numbers that a viewer is sent, and those that it is sent again."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.again: list[tuple[int, int]] = []

    def send_rtp(self, data: bytes) -> None:
        self.sent.append(parse_rtp(data).sequence)

    def send_retransmission(self, data: bytes, newest: int) -> None:
        self.again.append((parse_rtp(data).sequence, newest))


def viewer(first: int = 2000) -> tuple[Subscriber, Outlet]:
    outlet = Outlet()
    return Subscriber(outlet, 7, {"H264": 102}, first), outlet


class Backlog:
    """A cache with a keyframe at 0 and `packets` in all, and who is shown it."""

    def __init__(self, packets: int) -> None:
        self.cache, self.live = PacketCache(4096), PlainAudience()
        self.cache.put(packet(number, number == 0) for number in range(packets))
        self.catchup = CatchUp(self.cache, self.live)

    def join(self, now: float = 1.0, fresh: bool = True) -> tuple[Subscriber, Outlet]:
        subscriber, outlet = viewer()
        assert self.catchup.add(subscriber, now, fresh) is fresh
        return subscriber, outlet


@pytest.mark.parametrize(
    ("packets", "turns"),
    [(1, [1]), (11, [11]), (12, [12]), (13, [12, 1]), (24, [12, 12]), (25, [12, 12, 1])],
)
def test_a_backlog_is_shown_in_twelves_and_its_end_is_the_present(
    packets: int, turns: list[int]
) -> None:
    backlog = Backlog(packets)
    subscriber, outlet = backlog.join()
    assert backlog.catchup.deadline == 1.0
    for turn in range(len(turns)):
        more = backlog.catchup.replay(1.0 + turn / 10)
        assert len(outlet.sent) == sum(turns[: turn + 1])
        assert more is (turn + 1 < len(turns))
        assert (subscriber.progress is Progress.REPLAYING) is more
        assert backlog.catchup.deadline == (1.0 + turn / 10 + 0.004 if more else NEVER)
    assert outlet.sent == list(range(2000, 2000 + packets))
    assert (len(backlog.catchup), len(backlog.live)) == (0, 1)
    assert subscriber.progress is Progress.LIVE


def test_who_leaves_while_catching_up_is_sent_nothing_more() -> None:
    backlog = Backlog(40)
    (leaves, gone), (stays, outlet) = backlog.join(), backlog.join()
    backlog.catchup.replay(1.0)
    backlog.catchup.remove(leaves)
    backlog.catchup.remove(leaves)
    assert list(backlog.catchup) == [stays]
    assert backlog.catchup.deadline == 1.004
    for turn in range(3):
        backlog.catchup.replay(1.1 + turn)
    assert (len(gone.sent), len(outlet.sent), len(backlog.live)) == (12, 40, 1)


def test_when_the_last_one_leaves_nothing_is_due() -> None:
    backlog = Backlog(40)
    waiting, _ = backlog.join(fresh=False)
    shown, _ = backlog.join()
    backlog.catchup.remove(shown)
    assert backlog.catchup.deadline < NEVER, "the other one still waits"
    backlog.catchup.remove(waiting)
    assert (backlog.catchup.deadline, len(backlog.catchup)) == (NEVER, 0)
    assert backlog.catchup.replay(9.0) is False


def test_what_was_never_added_may_be_removed() -> None:
    backlog = Backlog(5)
    subscriber, _ = backlog.join()
    backlog.catchup.remove(viewer()[0])
    assert list(backlog.catchup) == [subscriber]
    assert backlog.catchup.deadline == 1.0


def test_who_waits_is_shown_the_cache_after_150_milliseconds() -> None:
    backlog = Backlog(5)
    subscriber, outlet = backlog.join(now=1.0, fresh=False)
    assert backlog.catchup.deadline == subscriber.waits_until == 1.15
    assert backlog.catchup.replay(1.149) is True
    assert (subscriber.progress, backlog.catchup.deadline) == (Progress.WAITING, 1.15)
    assert backlog.catchup.replay(1.15) is True
    assert (subscriber.progress, subscriber.cursor) == (Progress.REPLAYING, 0)
    assert (outlet.sent, backlog.catchup.deadline) == ([], 1.15 + 0.004)
    assert backlog.catchup.replay(1.2) is False
    assert len(outlet.sent) == 5


def test_who_has_patience_waits_for_a_keyframe_for_ever() -> None:
    backlog = Backlog(5)
    subscriber, _ = viewer()
    assert backlog.catchup.add(subscriber, 1.0, fresh=False, patience=NEVER) is False
    assert backlog.catchup.deadline == NEVER
    assert backlog.catchup.replay(1e9) is False
    assert subscriber.progress is Progress.WAITING


def test_the_first_of_several_deadlines_counts() -> None:
    backlog = Backlog(5)
    backlog.join(now=1.0, fresh=False)
    backlog.join(now=1.1, fresh=False)
    assert backlog.catchup.deadline == 1.15
    backlog.join(now=1.12)
    assert backlog.catchup.deadline == 1.12
    backlog.catchup.replay(1.2)
    assert backlog.catchup.deadline == 1.204, "the first wait is over, the second ends at 1.25"


def test_a_cache_without_a_keyframe_shows_nothing() -> None:
    backlog = Backlog(0)
    subscriber, outlet = viewer()
    assert backlog.catchup.add(subscriber, 1.0, fresh=True) is False
    assert backlog.catchup.replay(9.0) is False
    assert (outlet.sent, subscriber.progress, subscriber.begun) == ([], Progress.WAITING, False)


@pytest.mark.parametrize(("packets", "shown"), [(3600, True), (3601, False)])
def test_a_keyframe_is_shown_for_3600_packets(packets: int, shown: bool) -> None:
    backlog = Backlog(packets)
    assert backlog.catchup.show_cache(viewer()[0]) is shown


def test_a_keyframe_lets_in_those_who_wait_with_its_lowest_number() -> None:
    backlog = Backlog(20)
    waits, fresh = backlog.join(fresh=False)
    replays, _shown = backlog.join()
    frame = [packet(21), packet(20, keyframe=True)]
    backlog.catchup.admit([packet(19)])
    assert waits.progress is Progress.WAITING
    backlog.cache.put(frame)
    backlog.catchup.admit(frame)
    assert (waits.progress, replays.progress) == (Progress.LIVE, Progress.REPLAYING)
    assert (waits.resendable_from, len(backlog.live), len(backlog.catchup)) == (20, 1, 1)
    assert fresh.sent == [], "the frame itself goes the way of the live ones"


def distribution(kind: str = "video") -> tuple[Distribution, PlainAudience]:
    live = PlainAudience()
    return Distribution(kind, live), live


@pytest.mark.parametrize(("age", "fresh"), [(0.0, True), (1.5, True), (1.51, False)])
def test_a_keyframe_is_fresh_for_a_second_and_a_half(age: float, fresh: bool) -> None:
    viewers, _live = distribution()
    for now in (10.0, 10.2):  # its later packets
        viewers.note_keyframe(3000, now)
    viewers.cache.put([packet(0, keyframe=True)])
    assert viewers.subscribe(viewer()[0], 1, 10.0 + age, from_cache=True) is fresh
    assert len(viewers) == 1


def test_before_any_keyframe_nothing_is_fresh() -> None:
    viewers, _live = distribution()
    assert viewers.subscribe(viewer()[0], 1, 0.0, from_cache=True) is False


def test_sound_is_live_at_once() -> None:
    viewers, live = distribution("audio")
    subscriber, outlet = viewer()
    assert viewers.subscribe(subscriber, 50, 1.0, from_cache=False) is True
    assert (subscriber.progress, subscriber.resendable_from) == (Progress.LIVE, 50)
    viewers.send([packet(50)], 50, late=False)
    assert (outlet.sent, len(live), len(viewers)) == ([2000], 1, 1)
    viewers.unsubscribe(subscriber)
    viewers.unsubscribe(subscriber)
    assert (len(live), len(viewers)) == (0, 0)


def test_who_leaves_a_picture_is_in_no_table() -> None:
    viewers, live = distribution()
    subscriber, _ = viewer()
    viewers.cache.put([packet(0, keyframe=True)])
    viewers.subscribe(subscriber, 1, 0.0, from_cache=True)
    viewers.unsubscribe(subscriber)
    assert (len(viewers), len(live), viewers.catching_up.deadline) == (0, 0, NEVER)


def test_what_lies_more_than_128_back_goes_apart() -> None:
    viewers, _live = distribution("audio")
    subscriber, outlet = viewer()
    viewers.subscribe(subscriber, 0, 1.0, from_cache=False)
    viewers.send([packet(number) for number in (71, 72, 200)], 200, late=True)
    assert outlet.again == [(2071, 2200)]
    assert outlet.sent == [2072, 2200]
    viewers.send([packet(70)], 200, late=True)
    assert (outlet.again[1:], outlet.sent) == ([(2070, 2200)], [2072, 2200])
    viewers.send([packet(60)], 200, late=False)
    assert outlet.sent == [2072, 2200, 2060]


def test_what_is_asked_for_again_is_what_was_sent_and_is_still_held() -> None:
    viewers, _live = distribution("audio")
    subscriber, outlet = viewer()
    viewers.send([packet(number) for number in range(10)], 9, late=False)
    viewers.subscribe(subscriber, 5, 1.0, from_cache=False)
    assert viewers.retransmit(subscriber, [3, 4, 5, 9, 10], 9) == 2
    assert outlet.again == [(2000, 2004), (2004, 2004)]
    assert viewers.retransmit(subscriber, [], 9) == 0
