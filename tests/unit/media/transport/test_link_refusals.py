"""What a link refuses has no effect: nobody is told, nothing is answered, nothing is remembered."""

from collections.abc import Callable

import pytest

from media.packets import rtcp
from media.packets.rtp import RtpPacket
from media.packets.stun import BindingRequest, parse_binding_request
from media.transport.ice import IceCredentials
from media.transport.link import Link
from tests.fuzz.packets import check
from tests.support.link_ends import HOME, Ends


def request(
    link: Link, number: int = 0, remote: str = "theirs", pwd: str | None = None
) -> BindingRequest:
    local = link.ice.local
    user, password = f"{local.ufrag}:{remote}", local.pwd if pwd is None else pwd
    return parse_binding_request(
        check(user.encode(), password.encode(), transaction=number.to_bytes(12, "big"))
    )


async def test_a_genuine_check_is_told_and_answered_under_our_credentials() -> None:
    ends = Ends()
    credentials = ends.link.check(request(ends.link), b"home")
    assert isinstance(credentials, IceCredentials)
    assert (credentials, ends.owner.calls) == (ends.link.ice.local, ["checked"])


@pytest.mark.parametrize("wrong", [{"remote": "else"}, {"pwd": "0123456789012345678901"}])
async def test_a_forged_check_is_told_to_nobody_and_not_remembered(wrong: dict[str, str]) -> None:
    ends = Ends()
    assert ends.link.check(request(ends.link, 7, **wrong), b"elsewhere") is None
    assert ends.owner.calls == []
    assert ends.link.check(request(ends.link, 7), b"home") is not None, "the genuine one still is"


async def test_a_copied_check_is_told_to_nobody() -> None:
    ends = Ends()
    ends.link.check(request(ends.link), b"home")
    assert ends.link.check(request(ends.link), b"elsewhere") is None
    assert ends.owner.calls == ["checked"]


async def test_a_closed_link_answers_no_check() -> None:
    ends = Ends()
    await ends.link.close()
    assert ends.link.check(request(ends.link), b"home") is None
    assert ends.owner.calls == []


async def test_256_checks_are_remembered() -> None:
    ends = Ends()
    for number in range(256):
        ends.link.check(request(ends.link, number), b"home")
    assert ends.link.check(request(ends.link, 0), b"elsewhere") is None
    ends.link.check(request(ends.link, 256), b"home")
    assert ends.link.check(request(ends.link, 1), b"elsewhere") is None
    assert ends.link.check(request(ends.link, 0), b"elsewhere") is not None, "forgotten by now"


async def test_the_owner_hears_of_a_move_and_not_of_the_first_address() -> None:
    ends = Ends()
    ends.link.move(HOME)
    assert (ends.link.address, ends.owner.calls) == (HOME, [])
    ends.link.move(("192.0.2.2", 7))
    assert (ends.link.address, ends.owner.calls) == (("192.0.2.2", 7), ["moved"])


async def test_a_batch_needs_an_address_and_keys() -> None:
    ends = Ends()
    assert ends.link.batch_keys() is None
    ends.link.move(HOME)
    assert ends.link.batch_keys() is None
    await ends.connect()
    keys = ends.link.batch_keys()
    assert keys is not None
    assert (keys[0], keys[1]) == (ends.link.dtls.protector, 16)
    assert keys[2] == bytes.fromhex("0200 9c41 c0000201") + bytes(20)
    ends.link.move(("2001:db8::1", 40_001))
    keys = ends.link.batch_keys()
    assert keys is not None
    assert keys[2] == bytes.fromhex("0a00 9c41 00000000 20010db8") + bytes(11) + b"\1" + bytes(4)
    ends.link.address = None
    assert ends.link.batch_keys() is None
    await ends.close()


async def test_a_batch_of_retransmissions_needs_an_address_and_keys() -> None:
    ends = Ends()
    assert ends.link.retransmission_keys(1, 9) is None
    ends.link.move(HOME)
    assert ends.link.retransmission_keys(1, 9) is None
    await ends.connect()
    keys, live = ends.link.retransmission_keys(1, 9), ends.link.batch_keys()
    assert keys is not None
    assert live is not None
    assert keys[1:] == live[1:]
    assert keys[0] != live[0], "under the long window"
    ends.link.address = None
    assert ends.link.retransmission_keys(1, 9) is None
    await ends.close()


async def test_a_report_is_heard_before_it_is_read() -> None:
    ends = Ends()
    await ends.connect()
    plain = rtcp.pack_receiver_report(1, [])
    ends.receive_rtcp(ends.client.protect_rtcp(plain))
    assert ends.owner.calls == ["secured", "heard", plain]
    await ends.close()


async def test_a_forged_or_repeated_report_is_not_heard() -> None:
    ends = Ends()
    await ends.connect()
    plain = rtcp.pack_receiver_report(1, [])
    genuine = ends.client.protect_rtcp(plain)
    for forged in (plain, genuine[:-1] + bytes([genuine[-1] ^ 1]), genuine + bytes(2000)):
        ends.receive_rtcp(forged)
    assert (ends.owner.calls, ends.link.counters.refused) == (["secured"], 3)
    ends.receive_rtcp(genuine)
    ends.receive_rtcp(genuine)
    assert (ends.owner.calls[1:], ends.link.counters.refused) == (["heard", plain], 4)
    await ends.close()


@pytest.mark.parametrize("datagram", [b"", b"\0\1", b"\x40" * 20, b"\xc0" * 20, b"\x80\x60" * 9])
async def test_other_datagrams_are_passed_over(datagram: bytes) -> None:
    ends = Ends()
    await ends.connect()
    ends.link.receive(datagram)
    assert ends.owner.calls == ["secured"]
    assert (ends.link.counters.refused, ends.sent) == (0, [])
    await ends.close()


async def test_before_there_are_keys_reports_are_passed_over() -> None:
    ends = Ends()
    ends.receive_rtcp(rtcp.pack_receiver_report(1, []))
    assert (ends.owner.calls, ends.link.counters.refused) == ([], 0)


SENDERS: dict[str, Callable[[Link, bytes], None]] = {
    "new": lambda link, packet: link.send_rtp(packet),
    "again": lambda link, packet: link.send_retransmission(packet, 1),
    "report": lambda link, packet: link.send_rtcp(packet[: 12 if packet is PACKET else 1]),
}
PACKET = RtpPacket(True, 96, 1, 1, 1, b"x").pack()
UNSENDABLE = bytes.fromhex("90600001") + bytes(8) + b"\xbe\xde\xff\xff"
"""Its extension ends beyond its end; a report of one octet is none."""


@pytest.mark.parametrize("send", SENDERS.values(), ids=SENDERS.keys())
async def test_what_is_not_sent_is_counted(send: Callable[[Link, bytes], None]) -> None:
    ends = Ends()
    send(ends.link, PACKET)
    assert ends.link.counters.dropped == 0, "nothing is due before there are keys"
    await ends.connect()
    send(ends.link, PACKET)
    assert [address for _datagram, address in ends.sent] == [HOME]
    assert ends.link.counters.dropped == 0
    ends.taken = False
    send(ends.link, PACKET)
    assert ends.link.counters.dropped == 1
    send(ends.link, UNSENDABLE)
    assert (ends.link.counters.dropped, len(ends.sent)) == (2, 2)
    ends.link.address = None
    send(ends.link, PACKET)
    assert (ends.link.counters.dropped, len(ends.sent)) == (3, 2)
    await ends.link.close()
    before = ends.link.counters.dropped
    send(ends.link, PACKET)
    assert ends.link.counters.dropped == before
    await ends.close()
