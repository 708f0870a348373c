"""What the tests of a batched send have in common."""

import socket
from collections.abc import Iterator

import pytest

from media.fanout.segments import Scratch


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        yield Scratch(sender.fileno(), socket.AF_INET)
