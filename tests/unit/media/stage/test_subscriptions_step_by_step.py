"""A subscription at each change of its slot: what it is sent, and what it is not."""

from media.contract.subjects import Subject
from media.contract.tickets import Slot
from media.stage.demux import ExtensionIds
from media.stage.source import source_of
from media.stage.subscription import Subscription
from media.stage.subscriptions.subscriber import Progress
from tests.support.stage_ends import (
    DELTA,
    HIGH,
    LAYERED,
    LOW,
    MID,
    PICTURE,
    end,
    feed,
    make_slot,
    make_source,
    packet,
)


def test_a_subscription_of_one_medium_knows_nothing_of_the_other() -> None:
    slot, source = make_slot(), make_source(LAYERED)
    subscriber, _outlet = end()
    subscription = Subscription(slot, {"audio": subscriber})
    slot.subscribe(subscription, 0.0)
    assert len(slot.track("audio").viewers) == 1, "though nobody is shown yet"
    slot.show(source, 1.0)
    assert subscription.carries(1, 2.0) == []
    assert list(subscription.pairs()) == [(slot.track("audio"), subscriber)]
    slot.unsubscribe(Subscription(slot, {}))
    assert slot.subscriptions == [subscription]
    slot.unsubscribe(subscription)
    assert (slot.subscriptions, len(slot.track("audio").viewers)) == ([], 0)


def test_a_subscription_begins_with_what_must_follow_of_each_medium() -> None:
    slot = make_slot()
    slot.show(make_source(), 0.0)
    sound, picture = end()[0], end()[0]
    found = slot.subscribe(Subscription(slot, {"audio": sound, "video": picture}), 1.0)
    assert [one.track for one in found] == [slot.track("audio"), slot.track("video")]
    assert (sound.progress, picture.progress) == (Progress.LIVE, Progress.WAITING)
    assert slot.track("video").gate.asked == 1


def test_what_cannot_be_played_is_left_out_from_the_beginning_and_at_a_change() -> None:
    slot, source = make_slot(), make_source()
    subscriber, outlet = end(VP8=96)
    slot.show(source, 0.0)
    slot.subscribe(Subscription(slot, {"video": subscriber}), 0.0)
    feed(source, MID, packet(1, 9), packet(2, 9))
    assert (outlet.sent, subscriber.unplayable) == ([], "H264")
    sections = [("video", "VP8", PICTURE)]
    other = source_of(Slot.MAIN, Subject("room:b"), sections, ExtensionIds())
    slot.show(other, 2.0)
    feed(other, MID, packet(1, 5, b"\x10\0"), now=2.0)
    assert [int.from_bytes(one[2:4], "big") for one in outlet.sent] == [2000]


def test_one_s_own_sound_is_withheld_from_the_beginning_and_given_back() -> None:
    slot, mine = make_slot(), make_source(subject="room:me")
    sound, picture = end()[0], end()[0]
    slot.show(mine, 0.0)
    subscription = Subscription(
        slot, {"audio": sound, "video": picture}, without_sound_of=Subject("room:me")
    )
    found = slot.subscribe(subscription, 1.0)
    assert [one.track for one in found] == [slot.track("video")]
    assert len(slot.track("audio").viewers) == 0
    assert slot.show(make_source(subject="room:me"), 2.0) == []
    (followed,) = slot.show(make_source(subject="room:b"), 3.0)
    assert followed.track is slot.track("audio")
    assert len(slot.track("audio").viewers) == 1
    assert slot.show(make_source(subject="room:c"), 4.0) == []
    assert slot.show(mine, 5.0) == []
    assert len(slot.track("audio").viewers) == 0


def test_behind_a_change_of_layer_retransmissions_count_as_before() -> None:
    slot, source = make_slot(), make_source(LAYERED)
    slot.show(source, 0.0)
    for stream in (LOW, HIGH):
        feed(source, stream, packet(1, 7 if stream is LOW else 8))
    subscriber, outlet = end()
    subscription = Subscription(slot, {"video": subscriber})
    slot.subscribe(subscription, 1.0)
    first = subscription.track("video")
    while first.replay(1.0):
        pass
    slot.tick(1.0)
    feed(source, LOW, packet(2, 7, DELTA))
    feed(source, HIGH, packet(2, 8, DELTA * 99))
    slot.tick(2.0)
    (followed,) = subscription.carries(100, 2.0)
    assert followed.track is slot.track("video", "low") is not first
    assert followed.outcome.keyframe
    assert subscription.carries(100, 2.0) == []
    feed(source, LOW, *(packet(number, 7) for number in range(3, 9)))
    numbers = [int.from_bytes(one[2:4], "big") for one in outlet.sent]
    assert numbers == list(range(2000, 2000 + len(numbers)))
    assert slot.track("video", "low").retransmit(subscriber, [numbers[-2]]) == 1
    assert outlet.again == [numbers[-1]]
