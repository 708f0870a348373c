"""Round trips from LSR and DLSR, where our reports carry a clock that is not ours."""

import pytest

from media.packets.rtcp import ReportBlock
from media.stage.subscriptions.remote import KEPT, RemoteInbound, middle, signed24

NTP = 0xE8A1_2345_6789_ABCD
LSR = 0x2345_6789


def block(last_sr: int, delay: float, lost: int = 0, fraction: int = 0) -> ReportBlock:
    return ReportBlock(42, fraction, lost, 0, 90, last_sr, int(delay * 65536))


def test_the_middle_of_an_ntp_time() -> None:
    assert middle(NTP) == LSR


def test_a_round_trip_is_what_remains_without_the_receivers_own_delay() -> None:
    remote = RemoteInbound()
    remote.sent(NTP, 100.0)
    remote.heard(block(LSR, 0.7), 100.75)
    assert remote.round_trip_time == pytest.approx(0.05, abs=1 / 65536)


@pytest.mark.parametrize(("delay", "now"), [(0.2, 102.25), (1.2, 102.25), (2.2, 102.25)])
def test_of_reports_with_one_ntp_time_the_one_that_fits_is_meant(delay: float, now: float) -> None:
    """The publisher's clock stood still over three of our reports; the receiver got any of them."""
    remote = RemoteInbound()
    for at in (100.0, 101.0, 102.0):
        remote.sent(NTP, at)
    remote.heard(block(LSR, delay), now)
    assert remote.round_trip_time == pytest.approx(0.05, abs=1 / 65536)


def test_a_receiver_that_rounds_its_delay_is_not_taken_for_a_slow_one() -> None:
    remote = RemoteInbound()
    remote.sent(NTP, 99.0)
    remote.sent(NTP, 100.0)
    remote.heard(block(LSR, 0.502), 100.5)
    assert remote.round_trip_time == 0.0


def test_what_cannot_be_matched_measures_nothing_and_keeps_the_last_figure() -> None:
    remote = RemoteInbound()
    remote.heard(block(0, 0.0), 1.0)
    remote.heard(block(LSR, 0.1), 1.0)
    assert remote.round_trip_time is None
    remote.sent(NTP, 1.0)
    remote.heard(block(LSR, 0.1), 1.2)
    remote.heard(block(LSR, 9.0), 1.3)  # older than anything that we sent
    remote.heard(block(LSR + 1, 0.0), 1.3)
    assert remote.round_trip_time == pytest.approx(0.1, abs=1 / 65536)


def test_only_the_newest_reports_are_remembered() -> None:
    remote = RemoteInbound()
    for number in range(KEPT + 1):
        remote.sent((number + 1) << 16, float(number))
    remote.heard(block(1, 0.0), 9.0)
    assert remote.round_trip_time is None
    remote.heard(block(2, 7.9), 9.0)
    assert remote.round_trip_time == pytest.approx(0.1, abs=1 / 65536)


def test_loss_is_a_share_and_a_signed_count() -> None:
    remote = RemoteInbound()
    remote.heard(block(0, 0.0, lost=0xFFFFFE, fraction=64), 1.0)
    assert (remote.fraction_lost, remote.packets_lost, remote.jitter) == (0.25, -2, 90)
    assert (signed24(5), signed24(0x7FFFFF), signed24(0x800000)) == (5, 0x7FFFFF, -0x800000)
