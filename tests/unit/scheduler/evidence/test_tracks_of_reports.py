"""A terminal's reports: what two of them prove, and what the first after a pause does not."""

import pytest

from scheduler.evidence.tables import FactKind
from scheduler.evidence.tracks import Piece, ReportTrack

P, S, H = FactKind.REPORTED, FactKind.SHOWN, FactKind.HEARD


def track() -> ReportTrack:
    return ReportTrack("b1", "ws-1", "room:r1", "LEG", "l1")


def say(
    found: ReportTrack, at: float, frames: int, *, level: float = 0.0, muted: bool = False
) -> bool:
    return found.report(at, frames, level, muted, True)


def test_the_first_report_only_tells_where_the_total_stands() -> None:
    found = track()
    found.connected(100)
    assert say(found, 101, 25) is False
    assert found.take() == [(P, 100, 101)]
    say(found, 102, 26)
    assert found.take() == [(P, 101, 102), (S, 101, 102)]


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [(0, 1, True), (50, 51, True), (50, 50, False), (50, 1, True), (50, 0, False), (0, 0, False)],
    ids=["begins", "grows", "stands", "was reloaded", "was reloaded and is dark", "is dark"],
)
def test_frames_are_shown_when_their_total_grew(before: int, after: int, shown: bool) -> None:
    found = track()
    say(found, 101, before)
    say(found, 102, after)
    assert found.take() == [(P, 101, 102), *([(S, 101, 102)] if shown else [])]


@pytest.mark.parametrize(("pause", "proven"), [(3.0, True), (3.1, False)])
def test_two_reports_prove_what_lies_between_for_three_seconds(pause: float, proven: bool) -> None:
    found = track()
    say(found, 101, 5)
    say(found, 101 + pause, 9, level=0.1)
    whole: list[Piece] = [(kind, 101, 104) for kind in (P, S, H)]
    assert found.take() == (whole if proven else [])


def test_a_report_that_is_not_newer_says_nothing() -> None:
    found = track()
    say(found, 101, 5)
    say(found, 102, 9)
    assert say(found, 102, 50, muted=True) is False
    assert say(found, 101.5, 70, muted=True) is False
    say(found, 103, 9)
    assert found.take() == [(P, 101, 103), (S, 101, 102)]


def test_a_transport_dates_the_next_report_and_an_older_one_does_not_move_it() -> None:
    found = track()
    say(found, 101, 5)
    found.connected(102.5)
    found.connected(101.5)
    say(found, 103, 9)
    assert found.take() == [(P, 102.5, 103), (S, 102.5, 103)]


def test_a_report_dated_before_its_transport_proves_nothing() -> None:
    found = track()
    found.connected(105)
    say(found, 104, 5)
    assert found.take() == []


@pytest.mark.parametrize(("pause", "known"), [(60.0, True), (60.1, False)])
def test_after_a_minute_the_totals_of_before_say_nothing(pause: float, known: bool) -> None:
    found = track()
    assert say(found, 101, 5, muted=True) is True
    found.connected(100 + pause)
    assert say(found, 101 + pause, 900, muted=True) is not known
    shown: list[Piece] = [(S, 100 + pause, 101 + pause)] if known else []
    assert found.take() == [(P, 100 + pause, 101 + pause), *shown]


def test_muting_changes_when_it_is_said_first() -> None:
    found = track()
    assert [say(found, 101 + at, 5, muted=at in (1, 2)) for at in range(4)] == [
        *(False, True, False, True)
    ]


@pytest.mark.parametrize(("base", "reported"), [(0.0, 100.0), (100.0, 0.0), (100.0, 40.0)])
def test_a_terminal_is_forgotten_a_minute_after_its_last_sign(base: float, reported: float) -> None:
    found = track()
    found.base_at, found.reported_at = base, reported
    assert not found.forgotten(160.0)
    assert found.forgotten(160.1)


@pytest.mark.parametrize(("hold", "taken"), [(0.0, True), (2.0, True), (2.1, False)])
def test_what_is_shorter_than_the_hold_stays_open(hold: float, taken: bool) -> None:
    found = track()
    for at in (101, 102, 103):
        say(found, at, at, level=0.1)
    whole: list[Piece] = [(kind, 101, 103) for kind in (P, S, H)]
    assert found.take(hold) == (whole if taken else [])


def test_short_evidence_is_taken_where_nothing_is_held() -> None:
    found = track()
    say(found, 101, 5)
    say(found, 101.5, 9)
    assert found.take() == [(P, 101, 101.5), (S, 101, 101.5)]


def test_a_track_is_kept_as_a_list_and_comes_back() -> None:
    found = track()
    found.connected(100.5)
    say(found, 101, 5)
    say(found, 102, 9, level=0.1)
    say(found, 103, 9, level=0.1, muted=True)
    kept = found.to_list()
    assert kept == [
        *("b1", "ws-1", "room:r1", "LEG", "l1", 103, 100.5, 9, True),
        [(100.5, 103)],
        [(101, 102)],
        [(101, 102)],
    ]
    again = ReportTrack.from_list([list(map(list, v)) if type(v) is list else v for v in kept])
    assert again == found
    assert again.take() == found.take()
