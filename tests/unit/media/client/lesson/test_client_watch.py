from media.client.lesson.retries import (
    MEDIA_TIMEOUT,
    PACKET_TIMEOUT,
    Outcome,
    Received,
    ReceptionWatch,
)

NOTHING = Received(None, None)


def test_a_connection_with_flowing_media_is_kept() -> None:
    watch = ReceptionWatch(100.0)
    assert watch.judge(102.0, Received(101.9, 101.9), True) is None


def test_a_node_that_falls_silent_is_left_after_three_seconds() -> None:
    watch, received = ReceptionWatch(100.0), Received(105.0, 105.0)
    assert watch.judge(105.0 + PACKET_TIMEOUT, received, True) is None
    assert watch.judge(105.1 + PACKET_TIMEOUT, received, True) is Outcome.SILENT


def test_a_node_whose_source_is_silent_is_not_left_at_once() -> None:
    watch, last = ReceptionWatch(100.0), 105.0
    assert watch.judge(last + MEDIA_TIMEOUT, Received(last + MEDIA_TIMEOUT, last), True) is None
    late = last + MEDIA_TIMEOUT + 0.1
    assert watch.judge(late, Received(late, last), True) is Outcome.SILENT


def test_the_first_packet_has_as_long_as_any_other() -> None:
    watch = ReceptionWatch(100.0)
    assert watch.judge(100.0 + PACKET_TIMEOUT, NOTHING, True) is None
    assert watch.judge(100.1 + PACKET_TIMEOUT, NOTHING, True) is Outcome.SILENT


def test_a_stage_without_a_source_is_not_left() -> None:
    watch, received = ReceptionWatch(100.0), Received(101.0, 101.0)
    assert watch.judge(200.0, received, False) is None


def test_a_source_that_comes_back_has_its_time_anew() -> None:
    watch, received = ReceptionWatch(100.0), Received(101.0, 101.0)
    watch.judge(110.0, received, False)
    assert watch.judge(110.0 + PACKET_TIMEOUT, received, True) is None
    assert watch.judge(110.1 + PACKET_TIMEOUT, received, True) is Outcome.SILENT
