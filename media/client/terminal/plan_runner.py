"""Carries out a terminal's plan: the readiness check in the lobby, the attendance in the lesson."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urljoin

import aiohttp
import av

from media.client.clip.clip import VARIANTS, Clip, ClipError, prepare_clip
from media.client.lesson.attend import Attendance, attend
from media.client.lesson.connection import Participant
from media.client.lesson.retries import Outcome
from media.client.session.address import StageAddress
from media.client.session.publisher import Publisher
from media.client.session.viewer import Viewer
from media.client.terminal.plan import (
    Day,
    LessonEntry,
    Phase,
    Plan,
    ReportedState,
    plan,
    reported_state,
)

CHECK_EVERY = 20.0
CHECK_TIMEOUT = aiohttp.ClientTimeout(total=3)


class PlanRunner:
    """Knows the day, does one thing at a time, and returns how it goes."""

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
        self._plan = Plan(Phase.STANDBY, None, 0.0)
        self._ready: bool | None = None
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._attendance = Attendance()
        self._media_at = 0.0
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
        self._note_media()

    def _begin(self, wanted: Plan) -> None:
        lesson = wanted.lesson
        if lesson is None:
            self._say("standby")
            return
        self._stop, self._attendance, self._ready = asyncio.Event(), Attendance(), None
        self._media_at, self._frames_then = asyncio.get_running_loop().time(), 0
        work = self._attend if wanted.phase is Phase.LESSON else self._check
        self._say(f"{wanted.phase.value}: {lesson.title} ({'host' if lesson.hosts else 'leg'})")
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
        """End what is going on, with a DELETE to the node."""
        if self._task is None:
            return
        self._stop.set()
        task, self._task = self._task, None
        await task

    async def _check(self, lesson: LessonEntry) -> None:
        """Check everything that the lesson will need, until it begins."""
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

        def make(address: StageAddress) -> Participant:
            return Publisher(self._http, address, clip) if clip else Viewer(self._http, address)

        outcome = await attend(
            self._http, lambda: self._addresses(lesson), make, self._stop, self._attendance
        )
        if outcome is Outcome.CLOSED:
            self._over |= {lesson.id}
            self._say(f"closed: {lesson.title}")

    def _addresses(self, lesson: LessonEntry) -> list[StageAddress]:
        """The nodes with the freshest ticket that the timetable holds for this lesson."""
        latest = next((entry for entry in self._lessons if entry.id == lesson.id), lesson)
        ticket = latest.ticket or lesson.ticket
        return [StageAddress(relay, lesson.id, ticket) for relay in self._relays_of(latest)]

    def _relays_of(self, lesson: LessonEntry) -> tuple[str, ...]:
        """The lesson's own order of nodes; a document of an older coordinator has but one."""
        return tuple(urljoin(self._base, relay) for relay in lesson.relays) or self._relays

    def _note_media(self) -> None:
        participant = self._attendance.participant
        frames = participant.frames if participant is not None else 0
        if frames != self._frames_then:
            self._frames_then, self._media_at = frames, asyncio.get_running_loop().time()

    def reported_state(self) -> ReportedState:
        """Return the terminal's state as it is reported to the coordinator."""
        without_media = asyncio.get_running_loop().time() - self._media_at
        return reported_state(self._plan.phase, self._ready, without_media)

    def detail(self) -> dict[str, str | int]:
        """Return what goes with the state: the lesson, the node, and how often we joined."""
        lesson = self._plan.lesson
        if lesson is None:
            return {}
        return {
            "lesson_id": lesson.id,
            "role": "HOST" if lesson.hosts else "LEG",
            "node": self._attendance.node,
            "joins": self._attendance.joins,
            "frames": self._frames_then,
            "last_outcome": self._attendance.last_outcome,
        }


def _key(wanted: Plan) -> tuple[Phase, str]:
    return wanted.phase, wanted.lesson.id if wanted.lesson else ""


async def _wait(event: asyncio.Event, seconds: float) -> None:
    waiting = asyncio.create_task(event.wait())
    await asyncio.wait((waiting,), timeout=seconds)
    waiting.cancel()
