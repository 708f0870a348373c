from media.client.attend import EMPTY_STAGE, PATIENCE, SILENCE, Outcome, Watch


def test_media_that_flows_is_worth_staying() -> None:
    watch = Watch(100.0)
    assert watch.judge(102.0, 101.9, True, True) is None


def test_silence_of_a_source_ends_the_visit_after_three_seconds() -> None:
    watch, last = Watch(100.0), 105.0
    assert watch.judge(105.0 + SILENCE, last, True, False) is None
    assert watch.judge(105.1 + SILENCE, last, True, False) is Outcome.SILENT


def test_the_first_frame_may_take_longer_than_later_ones() -> None:
    watch, last = Watch(100.0), None
    assert watch.judge(100.0 + PATIENCE, last, True, False) is None
    assert watch.judge(100.1 + PATIENCE, last, True, False) is Outcome.SILENT


def test_an_empty_stage_is_no_silence_and_sends_elsewhere_only_where_there_is_one() -> None:
    watch, last = Watch(100.0), 101.0
    assert watch.judge(101.0 + EMPTY_STAGE + 5, last, False, False) is None
    assert watch.judge(101.0 + EMPTY_STAGE + 5, last, False, True) is Outcome.EMPTY


def test_a_source_that_comes_back_has_the_time_of_a_first_frame_again() -> None:
    watch, last = Watch(100.0), 101.0
    watch.judge(110.0, last, False, False)
    assert watch.judge(110.0 + PATIENCE, last, True, False) is None
    assert watch.judge(110.1 + PATIENCE, last, True, False) is Outcome.SILENT
