from media.client.lesson.retries import PATIENCE, SILENCE, Heard, Outcome, Watch

NOTHING = Heard(None, None)


def test_media_that_flows_is_worth_staying() -> None:
    watch = Watch(100.0)
    assert watch.judge(102.0, Heard(101.9, 101.9), True) is None


def test_a_node_that_falls_silent_is_left_after_three_seconds() -> None:
    watch, heard = Watch(100.0), Heard(105.0, 105.0)
    assert watch.judge(105.0 + SILENCE, heard, True) is None
    assert watch.judge(105.1 + SILENCE, heard, True) is Outcome.SILENT


def test_a_node_whose_source_is_silent_is_not_left_at_once() -> None:
    watch, last = Watch(100.0), 105.0
    assert watch.judge(last + PATIENCE, Heard(last + PATIENCE, last), True) is None
    late = last + PATIENCE + 0.1
    assert watch.judge(late, Heard(late, last), True) is Outcome.SILENT


def test_the_first_packet_has_as_long_as_any_other() -> None:
    watch = Watch(100.0)
    assert watch.judge(100.0 + SILENCE, NOTHING, True) is None
    assert watch.judge(100.1 + SILENCE, NOTHING, True) is Outcome.SILENT


def test_an_empty_stage_is_no_silence() -> None:
    watch, heard = Watch(100.0), Heard(101.0, 101.0)
    assert watch.judge(200.0, heard, False) is None


def test_a_source_that_comes_back_has_its_time_anew() -> None:
    watch, heard = Watch(100.0), Heard(101.0, 101.0)
    watch.judge(110.0, heard, False)
    assert watch.judge(110.0 + SILENCE, heard, True) is None
    assert watch.judge(110.1 + SILENCE, heard, True) is Outcome.SILENT
