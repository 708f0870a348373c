"""Linux's batched reads and writes of datagrams, called through cffi without a compiler."""

import socket
import struct

import cffi

ADDRESS = 28
"""Octets of a sockaddr_in6, the longest that is used."""
MSG_DONTWAIT = 0x40
SOL_UDP, UDP_SEGMENT = 17, 103

ffi = cffi.FFI()
ffi.cdef("""
struct iovec { void *base; size_t len; };
struct msghdr { void *name; unsigned int namelen; struct iovec *iov; size_t iovlen;
                void *control; size_t controllen; int flags; };
struct mmsghdr { struct msghdr hdr; unsigned int len; };
int sendmmsg(int, struct mmsghdr *, unsigned int, int);
int recvmmsg(int, struct mmsghdr *, unsigned int, int, void *);
""")
libc = ffi.dlopen(None)


def pack_address(family: int, address: tuple[str, int]) -> bytes:
    """Return a sockaddr of ADDRESS octets."""
    host, port = address
    if family == socket.AF_INET:
        packed = struct.pack("=HH", family, socket.htons(port)) + socket.inet_aton(host)
    else:
        packed = struct.pack("=HHI", family, socket.htons(port), 0)
        packed += socket.inet_pton(family, host) + bytes(4)
    return packed.ljust(ADDRESS, b"\0")


def address_of(data: object) -> int:
    """Return where a piece of C memory lies."""
    return int(ffi.cast("uintptr_t", data))
