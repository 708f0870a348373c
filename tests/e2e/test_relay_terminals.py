"""Headless terminals by themselves: they pair, join on time, survive every loss and stop."""

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest

from media.client.session.publisher import Publisher
from media.clock import wall
from tests.support.clips import clip
from tests.support.headless import lesson_on, terminal, until_frames
from tests.support.lossy import LossyPath
from tests.support.relay import RelayProcess
from tests.support.standstill import Stopwatch
from tests.support.timetable import Timetable, lesson, one_lesson, serving
from tests.support.waiting import soon, until

pytestmark = pytest.mark.e2e


async def test_rooms_join_at_the_start_report_pictures_and_stop_when_the_lesson_is_closed(
    relay: RelayProcess, client_http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    clip()  # made before the clock runs, where none is kept
    starts_in = 3.0
    begin, watch = wall() + starts_in, Stopwatch()
    timetable = one_lesson([relay], "a", "b", starts_in=starts_in)
    async with (
        serving(timetable) as url,
        terminal(url, tmp_path, "host", "host") as host,
        terminal(url, tmp_path, "a", "a"),
        terminal(url, tmp_path, "b", "b") as leg_b,
    ):
        for leg in ("room:a", "room:b", "room:host"):
            await until_frames(relay, client_http, leg, 40, 15)
        records = await relay.records(client_http)
        joined = [r["wall"] - begin for r in records if r["kind"] == "peer_connected"]
        assert len(joined) == 3
        assert min(joined) > -watch.allows(0.05)
        assert max(joined) < watch.allows(1.5)
        loudness = [r["data"]["audio_level"] for r in records if r["kind"] == "report"]
        assert max(loudness) > 0.02
        states = [state for token, state in timetable.states if token == "b"]
        assert states[-2:] == ["READY", "IN_LESSON"]
        body = {"reason": "ended by the teacher", "until": wall() + 600}
        await relay.control(client_http, "POST", "/stages/l1/close", body)
        await until(lambda: "b: closed: 语文" in leg_b and "b: standby" in leg_b, 5, "standby")
        await until(lambda: "host: standby" in host, 5, "the host's standby")
        await until(lambda: timetable.states[-1][1] == "STANDBY", 5, "STANDBY to be reported")


async def test_a_terminal_pairs_keeps_its_token_and_pairs_again_when_it_is_revoked(
    tmp_path: Path,
) -> None:
    timetable = Timetable()
    async with serving(timetable) as url, terminal(url, tmp_path, "t") as said:
        await until(lambda: any("123456" in line for line in said), 5, "a pairing code")
        timetable.approved = True
        await until(lambda: "t: enrolled" in said, 5, "the enrolment")
        state = tmp_path / "t.json"
        await until(lambda: json.loads(state.read_text())["day"] != {}, 5, "a day on disk")
        assert json.loads(state.read_text())["token"] == "secret-1"
        await until(lambda: len(timetable.sockets) > 0, 5, "the live socket")
        timetable.approved = False
        timetable.revoked.add("secret-1")
        await timetable.tell("revoked")
        await until(lambda: timetable.pairings == 2, 5, "a second pairing")
        assert json.loads(state.read_text())["token"] == ""


async def test_with_coordinator_and_first_node_down_a_restarted_terminal_meets_its_lesson(
    relay: RelayProcess, client_http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    timetable = Timetable()
    timetable.relays = ["http://127.0.0.1:9", relay.url]  # the first node never answers
    ticket, publish = relay.mint.view("l1", "room:a"), relay.mint.publish("l1")
    timetable.lessons["a"] = [lesson("l1", starts_in=4, lasts=600, view=ticket)]
    timetable.lessons["host"] = [lesson("l1", starts_in=4, lasts=600, publish=publish)]
    async with serving(timetable) as url:
        for name in ("a", "host"):
            async with terminal(url, tmp_path, name, name):
                state = tmp_path / f"{name}.json"
                await until(state.exists, 5, f"{name}'s day on disk")
    async with terminal(url, tmp_path, "a"), terminal(url, tmp_path, "host"):
        await until_frames(relay, client_http, "room:a", 20, 15)


async def test_a_node_killed_in_mid_lesson_costs_less_than_five_seconds_of_picture(
    relay: RelayProcess, client_http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with lesson_on([relay], client_http, tmp_path):
        killed, watch = wall(), Stopwatch()
        await relay.kill()
        await relay.start()
        gone = await until_frames(relay, client_http, "room:a", 1, 15) - killed
        assert gone < watch.allows(5.0), f"the picture came back after {gone:.1f} s"


async def test_a_host_that_was_replaced_stands_by_and_returns_when_the_slot_is_free(
    relay: RelayProcess, client_http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async def hosts() -> list[str]:
        records = await relay.records(client_http)
        return [r["subject"] for r in records if r["kind"] == "peer_connected"]

    async with serving(one_lesson([relay])) as url, terminal(url, tmp_path, "host", "host"):
        await until_frames(relay, client_http, "room:host", 20, 15)
        place = relay.publish_place("l1", "person:teacher")
        teacher = Publisher(client_http, place, clip("amber"))
        await teacher.start()
        await asyncio.sleep(4)
        assert await hosts() == ["room:host", "person:teacher"]
        await teacher.close()

        async def is_back() -> bool:
            return len(await hosts()) > 2

        await soon(is_back, 2.5, "the host's return")
        assert await hosts() == ["room:host", "person:teacher", "room:host"]


async def test_a_host_that_falls_mute_sends_no_room_away(
    relay: RelayProcess, client_http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    timetable = Timetable()
    timetable.relays = [relay.url]
    view = relay.mint.view("l1", "room:a")
    timetable.lessons["a"] = [lesson("l1", starts_in=0, lasts=600, view=view)]
    async with (
        LossyPath(relay.udp_port, share=0.0, seed=1) as path,
        serving(timetable) as url,
        terminal(url, tmp_path, "a", "a"),
    ):
        host = Publisher(
            client_http, relay.publish_place("l1"), clip(), answer_filter=path.lead_over
        )
        await host.start()
        await until_frames(relay, client_http, "room:a", 20, 15)
        path.share = 1.0
        await asyncio.sleep(7)
        path.share = 0.0
        records = await relay.records(client_http)
        reported = [
            r["data"]["frames"]
            for r in records
            if (r["kind"], r["subject"]) == ("report", "room:a")
        ]
        await until_frames(relay, client_http, "room:a", reported[-1] + 20, 5)
        records = await relay.records(client_http)
        joins = [r for r in records if (r["kind"], r["subject"]) == ("peer_connected", "room:a")]
        assert len(joins) == 1
        await host.close()
