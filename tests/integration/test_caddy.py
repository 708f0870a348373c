"""The proxy of deploy/, as the real program runs it: what is private stays behind it."""

import asyncio
import os
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from aiohttp import web as http

from tests.support.nodes import ROOT
from tests.support.ports import free_ports
from tests.support.waiting import within

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(shutil.which("caddy") is None, reason="no caddy on this machine"),
]

FOR_THIS_TEST = "{\n\tskip_install_trust\n\tadmin off\n\tauto_https disable_redirects\n}\n"
"""Global options before the file: no certificate goes into the machine's store."""


@dataclass
class Proxied:
    """Caddy before a coordinator and two nodes that answer everything and note what they got."""

    port: int
    reached: list[tuple[str, str]] = field(default_factory=list)  # (who, path as it came)

    async def get(self, path: str) -> tuple[int, list[tuple[str, str]]]:
        """Ask for a path as it stands; return the status and what was reached behind Caddy."""
        self.reached.clear()
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, ssl=trusting, server_hostname="localhost"
        )
        host = f"localhost:{self.port}"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        line = (await asyncio.wait_for(reader.readline(), 10)).split()
        writer.close()
        return int(line[1]), list(self.reached)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def proxied(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Proxied]:
    folder = tmp_path_factory.mktemp("caddy")
    port, *behind = free_ports(4)
    found = Proxied(port)
    file = folder / "Caddyfile"
    file.write_text(FOR_THIS_TEST + (ROOT / "deploy/Caddyfile").read_text("utf-8"), "utf-8")
    names = ("TONGKE_COORDINATOR", "TONGKE_RELAY_N1", "TONGKE_RELAY_N2")
    addresses = {name: f"127.0.0.1:{number}" for name, number in zip(names, behind, strict=True)}
    async with AsyncExitStack() as stack:
        for name, number in zip(names, behind, strict=True):
            await stack.enter_async_context(serving(found, name, number))
        process = subprocess.Popen(
            ["caddy", "run", "--config", str(file), "--adapter", "caddyfile"],
            env={
                **os.environ,
                **addresses,
                "TONGKE_SITE": f"https://localhost:{port}",
                "XDG_DATA_HOME": str(folder / "data"),
                "XDG_CONFIG_HOME": str(folder / "config"),
                "HOME": str(folder),
            },
            stdout=subprocess.DEVNULL,
            stderr=(folder / "log").open("wb"),
        )
        stack.callback(process.wait, 10)
        stack.callback(process.terminate)
        async with within(20, lambda: f"caddy answers; {(folder / 'log').read_text()[-1500:]}"):
            while not await answers(found):
                await asyncio.sleep(0.1)
        yield found


class serving:  # noqa: N801 - read as `async with serving(...)`
    """A web server that answers everything and notes the path as it came."""

    def __init__(self, found: Proxied, name: str, port: int) -> None:
        self._found, self._name, self._port = found, name, port

    async def __aenter__(self) -> None:
        async def note(request: http.Request) -> http.Response:
            self._found.reached.append((self._name, request.raw_path))
            return http.Response(text="reached")

        app = http.Application()
        app.router.add_route("*", "/{tail:.*}", note)
        self._runner = http.AppRunner(app, access_log=None)
        await self._runner.setup()
        await http.TCPSite(self._runner, "127.0.0.1", self._port).start()

    async def __aexit__(self, *_error: object) -> None:
        await self._runner.cleanup()


async def answers(found: Proxied) -> bool:
    try:
        return (await found.get("/today"))[0] == 200
    except OSError:
        return False


PRIVATE = [
    f"{where}{name}{rest}"
    for where in ("/relay/n1", "/relay/n2")
    for name in ("/control", "/metrics")
    for rest in ("", "/", "/hello", "/stages/l1/close", "?x=1", "/x/../hello", "//hello")
] + [f"{path}{rest}" for path in ("/metrics",) for rest in ("", "/", "/x", "?x=1")]

DISGUISED = [
    "/relay/n1//control/hello",
    "/relay/n1/./control/hello",
    "/relay/n1/x/../control/hello",
    "/relay/n1/%63ontrol/hello",
    "/relay/n1/contro%6c/hello",
    "/relay/n1/control%2fhello",
    "/relay/n1/CONTROL/hello",
    "//relay/n1/control/hello",
    "/relay//n1/control/hello",
    "/x/../relay/n1/control/hello",
    "/relay/n1/..%2fn1/control/hello",
    "/relay/n2/%6detrics",
    "/relay/n2//metrics",
    "//metrics",
    "/./metrics",
    "/x/../metrics",
    "/%6detrics",
    "/metric%73",
    "/relay/n1/../../metrics",
]


@pytest.mark.parametrize("path", [*PRIVATE, *DISGUISED])
async def test_what_is_private_reaches_nobody(proxied: Proxied, path: str) -> None:
    status, reached = await proxied.get(path)
    assert not [one for one in reached if is_private(one[1])], f"{path} got through: {reached}"
    assert status in (404, 400, 308) or reached, f"{path}: {status}"


def is_private(path: str) -> bool:
    """Whether aiohttp would route this to the control API or the metrics."""
    decoded = path.partition("?")[0].replace("%63", "c").replace("%6c", "l").replace("%6d", "m")
    first = decoded.replace("%73", "s").strip("/").partition("/")[0]
    return first in ("control", "metrics") or first.startswith("control%2f")


@pytest.mark.parametrize(
    ("path", "who", "behind"),
    [
        ("/", "TONGKE_COORDINATOR", "/"),
        ("/today", "TONGKE_COORDINATOR", "/today"),
        ("/api/v1/live?topics=*", "TONGKE_COORDINATOR", "/api/v1/live?topics=*"),
        ("/relay/n1/whep/l1", "TONGKE_RELAY_N1", "/whep/l1"),
        ("/relay/n2/stages/l1/sources", "TONGKE_RELAY_N2", "/stages/l1/sources"),
        ("/relay/n1/healthz", "TONGKE_RELAY_N1", "/healthz"),
        ("/controls", "TONGKE_COORDINATOR", "/controls"),
    ],
)
async def test_what_is_public_reaches_whom_it_is_for(
    proxied: Proxied, path: str, who: str, behind: str
) -> None:
    assert await proxied.get(path) == (200, [(who, behind)])
