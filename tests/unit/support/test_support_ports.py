"""tests.support.ports: what one process was given, no other is given."""

import socket
import subprocess
import sys

from tests.support.ports import BLOCK, FIRST, LAST, free_ports

ASK = "from tests.support.ports import free_ports; print(*free_ports(3), flush=True); input()"


def other_process() -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", ASK], stdin=pipe, stdout=pipe, text=True)


def test_processes_that_live_at_once_have_blocks_of_their_own() -> None:
    others = [other_process() for _ in range(2)]
    try:
        given = [free_ports(3), *([int(word) for word in _line(one).split()] for one in others)]
    finally:
        for one in others:
            one.communicate("\n", timeout=10)
    blocks = [{port // BLOCK for port in ports} for ports in given]
    assert [len(block) for block in blocks] == [1, 1, 1]
    assert len(set.union(*blocks)) == 3


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_a_port_in_use_is_passed_over() -> None:
    (free,) = free_ports(1)
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as held:
            held.bind(("127.0.0.1", free))
            others = {port for _ in range(2) for port in free_ports(60)}
        assert free not in others
        assert len(others) > 60


def test_ports_are_distinct_and_never_those_of_the_kernel() -> None:
    ports = [*free_ports(40), *free_ports(40)]
    assert len(set(ports)) == 80
    assert FIRST <= min(ports) <= max(ports) < LAST
