"""What is told of requests that cannot be read."""

import logging

import pytest
from aiohttp import web as http
from aiohttp.http_exceptions import BadStatusLine
from multidict import CIMultiDict, CIMultiDictProxy

from media.httpd.bodies import ClientFaults, is_packed


def record(fault: BaseException) -> logging.LogRecord:
    told = ("Error handling request from %s", ("10.1.2.3",), (type(fault), fault, None))
    return logging.LogRecord("aiohttp", logging.ERROR, __file__, 1, *told)


@pytest.mark.parametrize("fault", [BadStatusLine("x"), http.RequestPayloadError("torn")])
def test_a_clients_fault_is_no_error_of_ours(fault: Exception) -> None:
    assert not ClientFaults().filter(record(fault))


def test_a_fault_of_ours_is_told_without_the_whole_address() -> None:
    ours = record(ZeroDivisionError())
    assert ClientFaults().filter(ours)
    assert ours.getMessage() == "Error handling request from 10.1.x.x"


@pytest.mark.parametrize(
    ("values", "packed"),
    [
        ((), False),
        (("identity",), False),
        ((" Identity ",), False),
        (("gzip",), True),
        (("identity, gzip",), True),
        (("identity", "br"), True),
        (("",), True),
    ],
)
def test_a_body_is_packed_unless_every_header_says_identity(
    values: tuple[str, ...], packed: bool
) -> None:
    headers = CIMultiDict([("Content-Encoding", value) for value in values])
    assert is_packed(CIMultiDictProxy(headers)) is packed
