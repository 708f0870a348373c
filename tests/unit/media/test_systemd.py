"""What systemd is told, over a socket as it makes one."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from media.systemd import ALIVE, READY, keep_telling, notify, watchdog_interval


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listener


def test_it_is_told_in_one_datagram(systemd: socket.socket) -> None:
    assert notify(READY)
    assert systemd.recv(100) == b"READY=1"


def test_elsewhere_nobody_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify(READY)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    assert not notify(READY)


def test_an_abstract_name_begins_with_nul(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"tongke-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name}")
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        assert notify(READY)
        assert listener.recv(100) == b"READY=1"


@pytest.mark.parametrize(
    ("allowed", "pid", "interval"),
    [
        ("", "", None),
        ("0", "", None),
        ("x", "", None),
        ("10000000", "", 5.0),
        ("10000000", str(os.getpid()), 5.0),
        ("10000000", "1", None),
    ],
    ids=["nothing", "never", "no number", "anybody", "us", "another"],
)
def test_half_of_what_is_allowed_and_only_if_it_is_meant_for_us(
    monkeypatch: pytest.MonkeyPatch, allowed: str, pid: str, interval: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", allowed)
    monkeypatch.setenv("WATCHDOG_PID", pid)
    assert watchdog_interval() == interval


async def test_it_is_told_again_and_again(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    telling = asyncio.create_task(keep_telling())
    heard = [await asyncio.to_thread(systemd.recv, 100) for _ in range(3)]
    telling.cancel()
    assert heard == [ALIVE.encode()] * 3


async def test_unasked_it_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    await asyncio.wait_for(keep_telling(), 1)
