"""A puller before hosts that hang, talk nonsense, redirect, or cannot be trusted."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from media.client.rtsp.pull import OPEN_WITHIN, Puller, Unit
from tests.support import badhosts
from tests.support.certificates import own_certificate
from tests.support.clips import clip
from tests.support.hostsound import aac_sound
from tests.support.rtsp import RecordingHost
from tests.support.waiting import until

SECRET = "only-the-host-knows"


class Pull:
    """A puller at work: what it gave and what it said."""

    def __init__(self, address: str, ca_file: str = "") -> None:
        self.given: list[Unit] = []
        self.said: list[str] = []
        self.died = False
        self.puller = Puller(
            address, self.given.append, self.said.append, time.monotonic, self._die, ca_file
        )

    def _die(self) -> None:
        self.died = True

    @property
    def pictures(self) -> int:
        return sum(unit.kind == "video" for unit in self.given)


@asynccontextmanager
async def pulling(address: str, ca_file: str = "") -> AsyncIterator[Pull]:
    pull = Pull(address, ca_file)
    pull.puller.start()
    try:
        yield pull
    finally:
        await asyncio.to_thread(pull.puller.end, OPEN_WITHIN + 2)
        assert not any(SECRET in text for text in pull.said)


def at(port: int) -> str:
    return f"rtsp://teacher:{SECRET}@127.0.0.1:{port}/live"


async def given_up(handler: badhosts.Handler) -> None:
    asked = 0

    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await handler(reader, writer)

    async with badhosts.serving(counted) as port, pulling(at(port)) as pull:
        await until(lambda: asked > 1, OPEN_WITHIN + 6, f"another try after {handler}")
        assert pull.said == ["no connection to the host (it has sent nothing of use for 8 s)"]
        assert (pull.given, pull.died) == ([], False)


async def test_hosts_that_send_no_media_are_given_up_and_asked_again() -> None:
    kinds = (badhosts.hang, badhosts.trickle, badhosts.promise_much)
    await asyncio.gather(*map(given_up, kinds))


async def test_a_host_that_answers_garbage_is_used_once_it_is_repaired() -> None:
    async with badhosts.serving(badhosts.talk_nonsense) as port:
        pull = Pull(at(port))
        pull.puller.start()
        await until(lambda: pull.said != [], 5, "what is wrong")
    assert pull.said[0].startswith("no connection to the host")
    assert pull.given == []
    async with RecordingHost(clip(), None, "teacher", SECRET, port):
        await until(lambda: pull.pictures > 10, 15, lambda: f"pictures; {pull.said}")
        await asyncio.to_thread(pull.puller.end, 5)
    assert not any(SECRET in text for text in pull.said)


async def test_a_redirection_is_followed() -> None:
    async with RecordingHost(clip(), None, "teacher", SECRET) as right:
        sent_on = badhosts.redirect(lambda: right.port)
        async with badhosts.serving(sent_on) as port, pulling(at(port)) as pull:
            await until(lambda: pull.pictures > 10, 10, lambda: f"pictures; {pull.said}")


async def test_a_redirection_in_a_circle_ends() -> None:
    ports: list[int] = []
    circle = badhosts.redirect(lambda: ports[0], 0.02)
    async with badhosts.serving(circle) as port:
        ports.append(port)
        async with pulling(at(port)) as pull:
            await until(lambda: pull.said != [], OPEN_WITHIN + 3, "that it leads nowhere")
            assert pull.given == []


async def test_a_host_that_falls_silent_is_left_and_connected_again() -> None:
    async with (
        RecordingHost(clip(), aac_sound(clip())) as host,
        pulling(host.address) as pull,
    ):
        await until(lambda: pull.pictures > 10, 10, "pictures")
        host.frozen = True
        await until(lambda: len(pull.said) > 1, 10, "that it is silent")
        assert pull.said[1] == "no connection to the host (it has sent nothing of use for 4 s)"
        host.frozen = False
        seen = pull.pictures
        await until(lambda: pull.pictures > seen + 10, 20, lambda: f"pictures; {pull.said}")
        times = [unit.at for unit in pull.given if unit.kind == "video"]
        assert times == sorted(set(times))


async def test_the_wrong_password_is_called_so() -> None:
    async with (
        RecordingHost(clip(), None, "teacher", "another") as host,
        pulling(at(host.port)) as pull,
    ):
        await until(lambda: pull.said != [], 5, "what is wrong")
        assert "401" in pull.said[0]


async def test_a_password_of_any_letters_is_shown_as_the_host_asks_for_it() -> None:
    for digest in (False, True):
        host = RecordingHost(clip(), None, "主讲", f"{SECRET}:@/%?#密码", digest=digest)
        async with host, pulling(host.address) as pull:
            await until(lambda pull=pull: pull.pictures > 10, 10, lambda: f"pictures; {pull.said}")


async def test_rtsps_takes_a_certificate_that_was_named_and_no_other(tmp_path: Path) -> None:
    shown, tls = own_certificate(tmp_path, "127.0.0.1")
    host = RecordingHost(clip(), aac_sound(clip()), "teacher", SECRET, tls=tls)
    async with host:
        assert host.address.startswith("rtsps://")
        async with pulling(host.address, str(shown)) as pull:
            await until(lambda: pull.pictures > 10, 10, lambda: f"pictures; {pull.said}")
        described = host.requests.count("DESCRIBE")
        refused = "no TLS with it: is its certificate trusted, and for this address?"
        other = host.address.replace("127.0.0.1", "localhost")
        for address, ca_file in ((host.address, ""), (other, str(shown))):
            async with pulling(address, ca_file) as pull:
                await until(lambda: pull.said != [], 5, "what is wrong")
                assert pull.said == [f"no connection to the host ({refused})"]
        assert host.requests.count("DESCRIBE") == described  # no password was shown to it
