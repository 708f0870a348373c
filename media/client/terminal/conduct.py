"""Carries out a terminal's plan: the readiness check in the lobby, the attendance in the lesson."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import aiohttp
import av

from media.client.clip.clip import VARIANTS, Clip, ClipError, prepare_clip
from media.client.lesson.attend import Visits, attend
from media.client.lesson.attendance import Participant
from media.client.lesson.retries import Outcome
from media.client.session.address import Place
from media.client.session.publisher import Publisher
from media.client.session.viewer import Viewer
from media.client.terminal.agenda import Condition, Day, Doing, LessonEntry, Plan, condition, plan

CHECK_EVERY = 20.0
CHECK_TIMEOUT = aiohttp.ClientTimeout(total=3)


class Conduct:
    """Knows the day, does one thing at a time, and can tell how it goes."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        clip_directory: Path,
        clip: str,
        say: Callable[[str], None],
    ) -> None:
        self._http, self._say = http, say
        self._clip_directory, self._variant = clip_directory, VARIANTS[clip]
        self._clip: Clip | None = None
        self._base = ""
        self._relays: tuple[str, ...] = ()
        self._lessons: tuple[LessonEntry, ...] = ()
        self._over: frozenset[str] = frozenset()
        self._plan = Plan(Doing.STANDBY, None, 0.0)
        self._ready: bool | None = None
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._visits = Visits()
        self._flowing_at = 0.0
        self._frames_then = 0

    def use_day(self, day: Day, base: str) -> None:
        """Take a timetable; relay URLs may be relative to the coordinator's."""
        self._base = base + "/"
        self._relays = tuple(urljoin(self._base, relay) for relay in day.relays)
        self._lessons = day.lessons

    def forget_day(self) -> None:
        self._relays, self._lessons = (), ()

    def plan_at(self, now: float) -> Plan:
        """Return what to do at `now` (the server's Unix seconds)."""
        return plan(self._lessons, now, self._over)

    async def carry_out(self, wanted: Plan) -> None:
        """Go over from what we do to what `wanted` says; returns at once where nothing changes."""
        if _key(wanted) != _key(self._plan):
            await self.leave()
            self._plan = wanted
            self._begin(wanted)
        self._plan = wanted
        self._notice_flow()

    def _begin(self, wanted: Plan) -> None:
        lesson = wanted.lesson
        if lesson is None:
            self._say("standby")
            return
        self._stop, self._visits, self._ready = asyncio.Event(), Visits(), None
        self._flowing_at, self._frames_then = asyncio.get_running_loop().time(), 0
        work = self._attend if wanted.doing is Doing.LESSON else self._check
        self._say(f"{wanted.doing.value}: {lesson.title} ({'host' if lesson.hosts else 'leg'})")
        self._task = asyncio.create_task(self._persist(work, lesson))

    async def _persist(
        self, work: Callable[[LessonEntry], Awaitable[None]], lesson: LessonEntry
    ) -> None:
        """Do the work, and again when the disk or the clip fails: nobody is there to help."""
        while not self._stop.is_set():
            try:
                await work(lesson)
            except (OSError, av.FFmpegError, ClipError) as error:
                self._say(f"trying again: {error}")
                await _wait(self._stop, 5.0)
            else:
                return

    async def leave(self) -> None:
        """End what is going on, with a goodbye to the node."""
        if self._task is None:
            return
        self._stop.set()
        task, self._task = self._task, None
        await task

    async def _check(self, lesson: LessonEntry) -> None:
        """Look after everything the lesson will need, until it begins."""
        while not self._stop.is_set():
            if lesson.hosts and self._clip is None:
                await self._load_clip()
            ready = any([await self._answers(relay) for relay in self._relays])
            if ready is not self._ready:
                self._say("ready" if ready else "no relay node answers")
            self._ready = ready
            await _wait(self._stop, CHECK_EVERY if ready else 2.0)

    async def _answers(self, relay: str) -> bool:
        try:
            async with self._http.get(f"{relay}/healthz", timeout=CHECK_TIMEOUT) as response:
                return response.status == 200
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            return False

    async def _load_clip(self) -> Clip:
        self._clip = await asyncio.to_thread(
            prepare_clip, self._clip_directory, self._variant, self._say
        )
        return self._clip

    async def _attend(self, lesson: LessonEntry) -> None:
        clip = self._clip or await self._load_clip() if lesson.hosts else None

        def make(place: Place) -> Participant:
            return Publisher(self._http, place, clip) if clip else Viewer(self._http, place)

        outcome = await attend(
            self._http, lambda: self._places(lesson), make, self._stop, self._visits
        )
        if outcome is Outcome.CLOSED:
            self._over |= {lesson.id}
            self._say(f"closed: {lesson.title}")

    def _places(self, lesson: LessonEntry) -> list[Place]:
        """The nodes with the freshest ticket that the timetable holds for this lesson."""
        latest = next((entry for entry in self._lessons if entry.id == lesson.id), lesson)
        ticket = latest.ticket or lesson.ticket
        return [Place(relay, lesson.id, ticket) for relay in self._relays_of(latest)]

    def _relays_of(self, lesson: LessonEntry) -> tuple[str, ...]:
        """The lesson's own order of nodes; a document of an older coordinator has but one."""
        return tuple(urljoin(self._base, relay) for relay in lesson.relays) or self._relays

    def _notice_flow(self) -> None:
        participant = self._visits.participant
        frames = participant.frames if participant is not None else 0
        if frames != self._frames_then:
            self._frames_then, self._flowing_at = frames, asyncio.get_running_loop().time()

    def condition(self) -> Condition:
        """Return the terminal's state as the coordinator wants to hear it."""
        silent_for = asyncio.get_running_loop().time() - self._flowing_at
        return condition(self._plan.doing, self._ready, silent_for)

    def detail(self) -> dict[str, Any]:
        """Return what goes with the state: the lesson, the node, and how often we joined."""
        lesson = self._plan.lesson
        if lesson is None:
            return {}
        return {
            "lesson_id": lesson.id,
            "role": "HOST" if lesson.hosts else "LEG",
            "node": self._visits.node,
            "joins": self._visits.count,
            "frames": self._frames_then,
            "last_outcome": self._visits.last_outcome,
        }


def _key(wanted: Plan) -> tuple[Doing, str]:
    return wanted.doing, wanted.lesson.id if wanted.lesson else ""


async def _wait(event: asyncio.Event, seconds: float) -> None:
    waiting = asyncio.create_task(event.wait())
    await asyncio.wait((waiting,), timeout=seconds)
    waiting.cancel()
