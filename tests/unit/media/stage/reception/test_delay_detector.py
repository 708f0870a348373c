"""The contract with aiortc's delay detector, driven in virtual time over a narrow link."""

from media.stage.reception.bitrate import BitrateEstimate
from media.stage.reception.delay_detector import DelayDetector

SIZE = 1200
LIMIT = 2_500_000


def drive(capacity: list[int]) -> list[int]:
    """Send as much as is granted over a queue of these bit/s (one figure a second).

    Returns the grant at the end of each second. A real sender hears of it with a delay of 50 ms.
    """
    watch, grant = DelayDetector(), BitrateEstimate(LIMIT)
    granted: list[int] = []
    now = free_at = 0.0
    for second, bits in enumerate(capacity):
        while now < second + 1:
            free_at = max(free_at, now) + 8 * SIZE / bits
            arrived = free_at + 0.02
            sent = int(now * (1 << 18)) & 0xFFFFFF
            if watch.arrived(sent, SIZE, arrived):
                throughput = watch.throughput(arrived)
                if throughput is not None:
                    grant.queued(throughput, arrived)
            now += 8 * SIZE / grant.value(arrived)
        granted.append(grant.value(now))
    return granted


def test_a_wide_path_is_used_whole() -> None:
    assert drive([10_000_000] * 8) == [LIMIT] * 8


def test_a_path_that_narrows_is_noticed_within_three_seconds() -> None:
    granted = drive([10_000_000] * 4 + [500_000] * 8)
    assert granted[3] == LIMIT
    assert granted[6] < 600_000
    assert max(granted[7:]) < 900_000


def test_a_busy_receiver_is_not_taken_for_a_narrow_path() -> None:
    watch, interval, alarms = DelayDetector(), 8 * SIZE / LIMIT, 0
    for index in range(4000):
        sent = index * interval
        busy = sent % 2.0  # a quarter of a second in every two: later and later, then at once
        arrived = sent + (0.4 * busy if busy < 0.25 else 0.0)
        alarms += watch.arrived(int(sent * (1 << 18)) & 0xFFFFFF, SIZE, arrived)
    assert alarms == 0


def test_a_path_that_widens_again_is_used_again() -> None:
    granted = drive([10_000_000] * 2 + [500_000] * 5 + [10_000_000] * 40)
    assert granted[-1] == LIMIT
