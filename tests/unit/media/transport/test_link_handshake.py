"""A link from its handshake to its end: what its owner is told, and what not."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from media.transport import link as links
from media.transport.dtls import DtlsError
from tests.support.link_ends import Ends


async def closing(ends: Ends, act: Callable[[], Awaitable[None]]) -> list[object]:
    """Return what the owner was told from the act on."""
    before = len(ends.owner.calls)
    await act()
    await asyncio.sleep(0.05)
    return ends.owner.calls[before:]


async def test_the_owner_hears_of_the_peer_s_end_and_not_of_its_own() -> None:
    first, second = Ends(), Ends()
    await first.connect()
    await second.connect()
    assert await closing(first, first.client.close) == [("closed", "closed by the peer")]
    assert await closing(second, second.link.close) == []
    await first.close()
    await second.close()


async def test_a_handshake_with_another_certificate_ends_the_link() -> None:
    ends = Ends(fingerprint="00:" * 31 + "00")
    with suppress(DtlsError):  # the far end may be done before it is refused
        await ends.connect()
    await ends.until(lambda: bool(ends.owner.calls))
    assert ends.owner.calls == [("closed", "handshake: DTLS is failed")]
    await ends.close()


async def test_a_handshake_that_never_ends_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert links.HANDSHAKE_TIMEOUT == 15.0
    monkeypatch.setattr(links, "HANDSHAKE_TIMEOUT", 0.05)
    ends = Ends()
    ends.link.receive(b"\x16" * 20)
    ends.link.receive(b"\x16" * 20)  # one handshake, however many datagrams
    await ends.until(lambda: bool(ends.owner.calls))
    await asyncio.sleep(0.1)
    assert ends.owner.calls == [("closed", "handshake: timed out")]
    await ends.close()


async def test_a_fault_of_ours_ends_the_link_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ends = Ends()
    ends.owner.fault = RuntimeError("a fault of ours")
    await ends.connect()
    await ends.until(lambda: len(ends.owner.calls) == 2)
    assert ends.owner.calls == ["secured", ("closed", "handshake: fault")]
    (record,) = caplog.records
    assert "internal error" in record.getMessage()
    await ends.close()


async def test_a_link_that_is_closed_ends_its_handshake_and_begins_none() -> None:
    shaking, closed = Ends(), Ends()
    shaking.link.receive(b"\x16" * 20)
    assert await closing(shaking, shaking.link.close) == []
    await closed.link.close()
    closed.link.receive(b"\x16" * 20)
    await asyncio.sleep(0.05)
    assert (closed.owner.calls, closed.sent) == ([], [])
