"""The contract with pylibsrtp's private parts: which version, which names, and what they do."""

import ctypes
import re
from importlib.metadata import version
from pathlib import Path

import pylibsrtp
import pytest
from pylibsrtp import _binding

from media.packets.rtcp import pack_receiver_report
from media.packets.rtp import RtpPacket
from media.transport import srtp
from media.transport.srtp import (
    BUFFER,
    MAX_TRAILER,
    Lengths,
    Protector,
    SrtpError,
    Workspace,
    handle_of,
    outbound_session,
    pointers_to,
    protect_in_place,
    unprotect_all,
    unprotect_rtcp_in_place,
)

KEY, PROFILE, TAG = bytes(range(28)), pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16
PACKETS = [RtpPacket(True, 96, number, 2, 3, b"\7" * number).pack() for number in (20, 30)]


def inbound() -> pylibsrtp.Session:
    kind = pylibsrtp.Policy.SSRC_ANY_INBOUND
    return pylibsrtp.Session(pylibsrtp.Policy(key=KEY, ssrc_type=kind, srtp_profile=PROFILE))


def outbound(window: int = 256) -> pylibsrtp.Session:
    return outbound_session(KEY, PROFILE, window)


def test_the_version_and_the_private_names_that_are_used() -> None:
    assert version("pylibsrtp").startswith("1.0.")
    for name in ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp"):
        assert callable(getattr(_binding.lib, name)), name
    assert pylibsrtp.SRTP_MAX_TRAILER_LEN <= MAX_TRAILER == pylibsrtp.SRTP_MAX_SRTCP_TRAILER_LEN
    assert _binding.ffi.typeof(handle_of(outbound())).cname.startswith("struct srtp_ctx_t_")


def test_no_other_file_of_the_product_uses_the_private_parts() -> None:
    media = Path(srtp.__file__).parents[1]
    private = re.compile(r"pylibsrtp import _|pylibsrtp\._|\._srtp\b")
    users = [file.name for file in media.rglob("*.py") if private.search(file.read_text())]
    assert users == ["srtp.py"]


def test_packets_are_protected_and_unprotected_where_they_lie() -> None:
    stride = 256
    area = (ctypes.c_char * (2 * stride))()
    base = ctypes.addressof(area)
    pointers, lengths = pointers_to([base, base + stride]), Lengths(2)
    for at, packet in enumerate(PACKETS):
        area[at * stride : at * stride + len(packet)] = packet
        lengths.octets[at] = len(packet)
    sender, receiver = outbound(), inbound()
    statuses = [
        protect_in_place(handle_of(sender), pointer, length)
        for pointer, length in zip(pointers, lengths.pointers, strict=True)
    ]
    assert statuses == [0, 0]
    assert list(lengths.octets) == [len(packet) + TAG for packet in PACKETS]
    assert PACKETS[1][12:] not in area.raw
    assert unprotect_all(handle_of(receiver), pointers, lengths.pointers) == [0, 0]
    for at, packet in enumerate(PACKETS):
        assert area[at * stride : at * stride + lengths.octets[at]] == packet
    assert all(unprotect_all(handle_of(receiver), pointers, lengths.pointers))  # plain by now


def test_sessions_of_a_peer_share_a_workspace_and_no_state() -> None:
    space = Workspace()
    first, second = Protector(outbound(), space), Protector(outbound(), space)
    sent = [first.protect(packet) for packet in PACKETS]
    assert [second.protect(packet) for packet in PACKETS] == sent
    receiver = inbound()
    assert [receiver.unprotect(packet) for packet in sent] == PACKETS


def test_reports_are_protected_and_unprotected_where_they_lie() -> None:
    report = pack_receiver_report(3, [])
    protected = Protector(outbound(), Workspace()).protect_rtcp(report)
    assert len(protected) > len(report) + TAG
    area = (ctypes.c_char * 256)()
    (pointer,), lengths, receiver = pointers_to([ctypes.addressof(area)]), Lengths(1), inbound()
    for forged in (True, False):
        area[: len(protected)] = protected
        lengths.octets[0] = len(protected)
        if forged:
            area[20] = bytes([protected[20] ^ 1])
        genuine = unprotect_rtcp_in_place(handle_of(receiver), pointer, lengths.pointers[0])
        assert genuine is not forged
        if genuine:
            assert area[: lengths.octets[0]] == report
    area[: len(protected)] = protected
    lengths.octets[0] = len(protected)
    assert not unprotect_rtcp_in_place(handle_of(receiver), pointer, lengths.pointers[0])


def test_the_window_bounds_how_late_a_packet_may_be_protected() -> None:
    late = RtpPacket(True, 96, 1000, 2, 3, b"late").pack()
    newest = RtpPacket(True, 96, 1000 + 200, 2, 3, b"newest").pack()
    for window, accepted in ((256, True), (128, False)):
        protector = Protector(outbound(window), Workspace())
        protector.protect(newest)
        if accepted:
            assert len(protector.protect(late)) == len(late) + TAG
        else:
            with pytest.raises(SrtpError):
                protector.protect(late)


def test_a_packet_that_does_not_fit_is_refused() -> None:
    protector = Protector(outbound(), Workspace())
    head = RtpPacket(True, 96, 1, 2, 3, b"").pack()
    longest = head + bytes(BUFFER - MAX_TRAILER - len(head))
    assert len(protector.protect(longest)) == len(longest) + TAG
    with pytest.raises(SrtpError, match="too long"):
        protector.protect(longest + b"\0")
