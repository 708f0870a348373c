"""The headless terminal: a room without a screen that joins its lessons by itself.

Three loops share one kept state: the day is kept fresh (pairing first where there is no token), the
live WebSocket reports the room's state, and the plan of the moment is carried out. The
third needs neither of the others: a lesson is found and attended with the coordinator down.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from pydantic import ValidationError

from media.client.lesson.backoff import delay
from media.client.terminal.coordinator import (
    CoordinatorApi,
    CoordinatorError,
    PairingOffer,
    RevokedError,
)
from media.client.terminal.kept_state import load_state, save_state
from media.client.terminal.plan import Day, DayError, Plan, ReportedState, day_of, parse_day
from media.client.terminal.plan_runner import PlanRunner
from media.clock import wall
from media.contract.day import DayDocument
from media.contract.model import TolerantModel

POLL_PAIRING = 2.0
STATE_EVERY = 15.0
SETTLED = 5.0
"""Seconds of a live WebSocket after which its loss counts as the first."""


class Notice(TolerantModel):
    """A message of the coordinator (web.terminal.messages); we need to know no more of it."""

    type: str


@dataclass(frozen=True, slots=True)
class TerminalSettings:
    """`coordinator` is its base URL. `token` enrols the terminal without pairing (demo); the
    state file's own token, once there is one, goes before it. `clip` names a clip.VARIANTS entry
    that a HOST publishes, kept in `clip_directory`."""

    coordinator: str
    state_file: Path
    clip_directory: Path
    name: str = "terminal"
    token: str = ""
    clip: str = "blue"


async def run_terminal(
    settings: TerminalSettings,
    stop: asyncio.Event,
    say: Callable[[str], None] = print,
    clock: Callable[[], float] = wall,
) -> None:
    """Be the terminal until `stop` is set. `clock` gives Unix seconds. Never raises for a fault
    of the network, the coordinator or a node: it tries again."""
    async with aiohttp.ClientSession() as http:
        terminal = Terminal(settings, http, lambda text: say(f"{settings.name}: {text}"), clock)
        await terminal.run(stop)


class Terminal:
    """One room's terminal."""

    def __init__(
        self,
        settings: TerminalSettings,
        http: aiohttp.ClientSession,
        say: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self._settings, self._say, self._clock = settings, say, clock
        self._state = load_state(settings.state_file)
        self._state.token = self._state.token or settings.token
        self._coordinator = CoordinatorApi(http, settings.coordinator)
        self._runner = PlanRunner(http, settings.clip_directory, settings.clip, say)
        self._fetch_now = asyncio.Event()
        self._day: Day | None = None
        self._take_day(self._state.day)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the three loops going until `stop` is set."""
        loops = [
            asyncio.create_task(loop())
            for loop in (self._keep_day, self._keep_live, self._follow_plan)
        ]
        stopped = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait((*loops, stopped), return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopped}:
                task.result()
        finally:
            for task in (*loops, stopped):
                task.cancel()
            await asyncio.gather(*loops, stopped, return_exceptions=True)
            await self._runner.leave()

    def now(self) -> float:
        """Return the server's time as well as we know it."""
        return self._clock() + self._state.clock_offset

    async def _keep_day(self) -> None:
        """Pair where needed and fetch the day again and again."""
        failures = 0
        while True:
            self._fetch_now.clear()
            try:
                if not self._state.token:
                    await self._pair()
                await self._fetch_day()
                failures, wait = 0, self._day.refresh_after if self._day else POLL_PAIRING
            except RevokedError:
                self._forget()
                wait = 0.0
            except (CoordinatorError, DayError) as error:
                if failures == 0:
                    self._say(f"the coordinator gives no timetable: {error}")
                wait = delay(failures, random.random())
                wait = max(wait, getattr(error, "wait", None) or 0.0)
                failures += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._fetch_now.wait(), wait)

    async def _pair(self) -> None:
        offer = await self._coordinator.begin_pairing()
        self._say(f"配对码 pairing code {offer.code}  {offer.url}")
        while not await self._approved(offer):  # noqa: ASYNC110 - the admin is at the other end
            await asyncio.sleep(POLL_PAIRING)
        self._state.token = offer.secret
        self._save()
        self._say("enrolled")

    async def _approved(self, offer: PairingOffer) -> bool:
        status = await self._coordinator.pairing_status(offer)
        if status == "expired":
            raise CoordinatorError("the pairing code expired")
        return status == "approved"

    async def _fetch_day(self) -> None:
        began = self._clock()
        document = parse_day(await self._coordinator.day(self._state.token))
        server_time = began if document.server_time is None else document.server_time
        offset = server_time - (began + self._clock()) / 2
        self._state.day, self._state.clock_offset = document, offset
        self._take_day(document)
        self._save()

    def _take_day(self, document: DayDocument | None) -> None:
        """Use a document that was fetched, or kept from before."""
        if document is not None:
            self._day = day_of(document)
            self._runner.use_day(self._day, self._settings.coordinator)

    def _forget(self) -> None:
        self._say("revoked: pairing again")
        self._state.token, self._state.day, self._day = "", None, None
        self._runner.forget_day()
        self._save()

    def _save(self) -> None:
        save_state(self._settings.state_file, self._state)

    async def _keep_live(self) -> None:
        """Hold the live WebSocket. Without it the day is still fetched by itself."""
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            began = clock()
            if self._state.token:
                with contextlib.suppress(CoordinatorError):
                    async with self._coordinator.live() as socket:
                        await self._converse(socket)
            failures = 0 if clock() - began > SETTLED else failures + 1
            await asyncio.sleep(delay(failures, random.random()))

    async def _converse(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        await socket.send_json({"type": "hello", "token": self._state.token})
        reporting = asyncio.create_task(self._report_state(socket))
        try:
            async for received in socket:
                if received.type is aiohttp.WSMsgType.TEXT:
                    self._take_message(received.data)
        finally:
            reporting.cancel()
            await asyncio.gather(reporting, return_exceptions=True)

    def _take_message(self, text: str) -> None:
        """Both kinds of message mean: fetch the day. Others are not for us."""
        with contextlib.suppress(ValidationError):
            if Notice.model_validate_json(text).type in ("day_changed", "revoked"):
                self._fetch_now.set()

    async def _report_state(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        reported: ReportedState | None = None
        reported_at = 0.0
        clock = asyncio.get_running_loop().time
        while not socket.closed:
            state = self._runner.reported_state()
            if state is not reported or clock() - reported_at >= STATE_EVERY:
                detail = self._runner.detail()
                await socket.send_json({"type": "state", "state": state.value, "detail": detail})
                reported, reported_at = state, clock()
            await asyncio.sleep(0.5)

    async def _follow_plan(self) -> None:
        """Carry out what the day says for this moment, to the second."""
        while True:
            now = self.now()
            plan: Plan = self._runner.plan_at(now)
            await self._runner.carry_out(plan)
            await asyncio.sleep(max(0.02, min(0.5, plan.until - self.now())))
