"""The kernel's count of what a full socket was sent, which the forwarding bench goes by."""

import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator

import pytest

from media.fanout.segments import SOL_UDP, UDP_SEGMENT
from tests.bench.sockets import udp_drops

SIZE = 1000


@pytest.fixture
def full() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A sender, and a receiver that reads nothing and has no room left."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * SIZE)
        receiver.bind(("127.0.0.1", 0))
        sender.connect(receiver.getsockname())
        for _ in range(20):
            sender.send(bytes(SIZE))
        yield sender, receiver


def drops(receiver: socket.socket) -> int:
    return udp_drops(os.getpid())[os.fstat(receiver.fileno()).st_ino]


def test_each_datagram_to_a_full_socket_counts_once(
    full: tuple[socket.socket, socket.socket],
) -> None:
    sender, receiver = full
    before = drops(receiver)
    for _ in range(30):
        sender.send(bytes(SIZE))
    assert drops(receiver) - before == 30


def test_each_segment_of_a_segmented_message_counts_once(
    full: tuple[socket.socket, socket.socket],
) -> None:
    """Ours sends ten packets in one call, Janus ten calls: both must count as ten."""
    sender, receiver = full
    before = drops(receiver)
    control = [(SOL_UDP, UDP_SEGMENT, struct.pack("=H", SIZE))]
    try:
        sender.sendmsg([bytes(10 * SIZE)], control)
    except OSError as error:
        pytest.skip(f"this kernel takes no UDP_SEGMENT: {error}")
    assert drops(receiver) - before == 10


def test_sockets_of_others_are_left_out(full: tuple[socket.socket, socket.socket]) -> None:
    mine = {os.fstat(one.fileno()).st_ino for one in full}
    assert mine <= set(udp_drops(os.getpid()))
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert udp_drops(other.pid) == {}
    finally:
        other.communicate(b"\n", timeout=10)
