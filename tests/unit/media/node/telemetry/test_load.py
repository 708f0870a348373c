"""CPU a packet: what the process used over what it forwarded in the last ten seconds."""

import pytest

from media.node.telemetry.load import WINDOW, Load


def test_cpu_a_packet_and_cores_in_use() -> None:
    load = Load()
    load.sample(10.0, 1.0, {"a": 0})
    load.sample(12.0, 1.5, {"a": 3000, "b": 2000})
    assert load.packets_sent == 5000
    assert load.per_packet == pytest.approx(100e-6)
    assert load.utilization == pytest.approx(0.25)


def test_a_viewer_that_leaves_takes_nothing_back() -> None:
    load = Load()
    load.sample(0.0, 0.0, {"a": 100, "b": 50})
    load.sample(1.0, 0.1, {"a": 200})
    load.sample(2.0, 0.2, {})
    assert load.packets_sent == 250


def test_nothing_forwarded_costs_nothing_a_packet() -> None:
    load = Load()
    assert (load.per_packet, load.utilization) == (None, 0.0)
    for second in range(3):
        load.sample(float(second), second * 0.01, {"a": 7})
    assert load.per_packet is None
    assert load.utilization == pytest.approx(0.01)


def test_what_is_older_than_the_window_is_forgotten() -> None:
    load = Load()
    for second in range(2 * WINDOW + 1):
        cpu = min(second, WINDOW) * 0.5  # busy for the first ten seconds, idle from then on
        load.sample(float(second), cpu, {"a": second * 100})
    assert load.utilization == 0.0
    assert load.per_packet == 0.0
