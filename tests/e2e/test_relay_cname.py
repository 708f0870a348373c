"""Sound and picture of one slot have a CNAME in common, which tells nobody anything (RFC 7022)."""

import re
from contextlib import suppress

import aiohttp
import pytest

from media.packets.sdp import parse_sdp
from media.transport.srtp import SrtpError
from tests.support.flash_beep import film
from tests.support.lightpeer import LightViewer
from tests.support.relay import RelayProcess
from tests.support.scripted import CERTIFICATE, ScriptedPublisher
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

SDES, CNAME = 202, 1


class Listener(LightViewer):
    """A viewer of all slots that keeps the CNAME of every SSRC it hears of."""

    kinds = ("audio", "video", "video", "audio", "video")

    def __init__(self, http: aiohttp.ClientSession, relay: RelayProcess) -> None:
        self.text = ""
        self.heard: dict[int, str] = {}
        super().__init__(http, relay.view_place("l1"), CERTIFICATE, answer_filter=self._keep_answer)

    def _keep_answer(self, answer: str) -> str:
        self.text = answer
        return answer

    def endpoint(self) -> str:
        return f"{super().endpoint()}?slots=main,screen,guest"

    def _take_rtcp(self, data: bytes) -> None:
        with suppress(SrtpError):
            compound, at = self._dtls.unprotect_rtcp(data), 0
            while at < len(compound):
                if compound[at + 1] == SDES and compound[at + 8] == CNAME:
                    name = compound[at + 10 : at + 10 + compound[at + 9]].decode()
                    self.heard[int.from_bytes(compound[at + 4 : at + 8], "big")] = name
                at += 4 + 4 * int.from_bytes(compound[at + 2 : at + 4], "big")


def announced(text: str) -> list[tuple[int, str]]:
    """Return the SSRC and the CNAME of every section of an answer."""
    lines = [section.first("ssrc") or "" for section in parse_sdp(text).sections]
    found = [re.fullmatch(r"(\d+) cname:(\S+)", line) for line in lines]
    return [(int(match[1]), match[2]) for match in found if match]


async def test_one_name_for_a_slot_in_the_answer_and_on_the_wire(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = ScriptedPublisher(client_http, relay.publish_place("l1"), film("H264"), {})
    await publisher.start()
    viewer = Listener(client_http, relay)
    await viewer.start()
    names = announced(viewer.text)
    sound, picture, screen, guest_sound, guest_picture = (name for _ssrc, name in names)
    assert (sound, guest_sound) == (picture, guest_picture)
    assert len({sound, screen, guest_sound}) == 3
    assert all(len(name) >= 16 for name in (sound, screen, guest_sound))  # 96 bits, base64
    wanted = dict(names[:2])  # the slot that has a source
    await until(lambda: wanted.items() <= viewer.heard.items(), 3, "both names in SDES")
    await viewer.close()
    await publisher.close()
