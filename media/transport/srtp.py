"""The one place that uses pylibsrtp's private parts: libsrtp called on buffers that we lay out.

Checked against pylibsrtp 1.0.0; tests/unit/media/transport/test_srtp.py is the contract test. Its
public `Session` copies every packet twice and takes 1,356 octets at most. A batch calls libsrtp on
packets where they lie, through `protect_in_place` and `unprotect_in_place`.
"""

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

import pylibsrtp
from pylibsrtp import _binding

SrtpError = pylibsrtp.Error
Handle = Any
"""libsrtp's `srtp_t`. It is freed with its session: no handle may outlive that."""
Pointer = Any

BUFFER, MAX_TRAILER = 2048, 148
"""Octets of a packet's buffer, and of what libsrtp may write behind it
(SRTP_MAX_SRTCP_TRAILER_LEN, the longer one)."""

_ffi, _lib = _binding.ffi, _binding.lib

protect_in_place: Callable[[Handle, Pointer, Pointer], int] = _lib.srtp_protect
"""Turn an RTP packet into SRTP where it lies; return libsrtp's status, 0 for success. The arguments
are a handle, the packet's pointer and the pointer to its length, which grows by the tag."""


def unprotect_all(
    handle: Handle, packets: Sequence[Pointer], lengths: Sequence[Pointer]
) -> list[int]:
    """Turn SRTP packets into RTP where they lie; return libsrtp's status of each, 0 if genuine."""
    return list(map(_lib.srtp_unprotect, repeat(handle), packets, lengths))


def unprotect_rtcp_in_place(handle: Handle, packet: Pointer, length: Pointer) -> bool:
    """Turn an SRTCP packet into RTCP where it lies; return whether it is genuine."""
    return int(_lib.srtp_unprotect_rtcp(handle, packet, length)) == 0


def handle_of(session: pylibsrtp.Session) -> Handle:
    """Return the libsrtp handle of a session, valid as long as the session lives."""
    return session._srtp[0]


def pointers_to(addresses: Sequence[int]) -> list[Pointer]:
    """Return what libsrtp takes for packets that begin at these addresses."""
    return [_ffi.cast("void*", address) for address in addresses]


class Lengths:
    """`count` packet lengths as libsrtp reads and writes them.

    `pointers` has one for each; `octets` is the same memory as signed 32-bit integers.
    """

    def __init__(self, count: int) -> None:
        cells = _ffi.new("int[]", count)
        self.pointers: list[Pointer] = [cells + cell for cell in range(count)]
        self.octets = memoryview(_ffi.buffer(cells)).cast("B").cast("i")


class Workspace:
    """Memory in which one packet at a time is protected; the sessions of a peer share one."""

    __slots__ = ("length", "octets")

    def __init__(self) -> None:
        self.octets, self.length = _ffi.new("unsigned char[]", BUFFER), _ffi.new("int*")


class Protector:
    """Protects single packets of up to BUFFER - MAX_TRAILER octets under a session's keys."""

    __slots__ = ("_length", "_octets", "_session", "handle")

    def __init__(self, session: pylibsrtp.Session, workspace: Workspace) -> None:
        self.handle = handle_of(session)
        self._session = session  # the handle is freed with it
        self._octets, self._length = workspace.octets, workspace.length

    def protect(self, packet: bytes) -> bytes:
        """Return the SRTP packet; raise SrtpError rather than ever hand out plaintext."""
        return self._call(_lib.srtp_protect, packet)

    def protect_rtcp(self, packet: bytes) -> bytes:
        """Return the SRTCP packet; raise SrtpError rather than ever hand out plaintext."""
        return self._call(_lib.srtp_protect_rtcp, packet)

    def _call(self, protect: Callable[[Handle, Pointer, Pointer], int], packet: bytes) -> bytes:
        size = len(packet)
        if size > BUFFER - MAX_TRAILER:
            raise SrtpError("too long")
        octets, length = self._octets, self._length
        _ffi.memmove(octets, packet, size)
        length[0] = size
        if protect(self.handle, octets, length):
            raise SrtpError("the packet cannot be protected")
        return bytes(_ffi.buffer(octets, length[0]))


def outbound_session(key: bytes, profile: int, window: int) -> pylibsrtp.Session:
    """Return a session for packets of any SSRC under a master key and salt.

    `profile` is libsrtp's number of a protection profile; a packet may lie `window` packets behind
    the newest of its SSRC, and the same packet may be protected again.
    """
    policy = pylibsrtp.Policy(
        key=key, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile
    )
    policy.allow_repeat_tx = True
    policy.window_size = window
    return pylibsrtp.Session(policy)
