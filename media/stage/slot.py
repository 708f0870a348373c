"""A slot: one place of a stage (main, screen, guest), where one source at a time is shown."""

from collections.abc import Callable, Iterable

from media.contract.subjects import Subject
from media.contract.tickets import Slot
from media.stage.layers import Layer
from media.stage.source import Source
from media.stage.subscription import Followed, Subscription
from media.stage.subscriptions.audience import Audience
from media.stage.track import Track

CLOCK_RATES = {"audio": 48_000, "video": 90_000}

ONLY_LAYER = ""
"""The RID of a picture that comes in one layer, and of sound."""


class StageSlot:
    """Its tracks, one for its sound and one for each layer of its picture; who is subscribed.

    `kinds` are the media that it shows; `audience` makes one for a kind of track. `cname` is what
    its sound and picture have in common for who receives them (RFC 8834).
    """

    def __init__(
        self, name: Slot, kinds: Iterable[str], cname: str, audience: Callable[[str], Audience]
    ) -> None:
        self.name = name
        self.cname = cname
        self.source: Source | None = None
        self.subscriptions: list[Subscription] = []
        self._audience = audience
        self._layers: dict[str, dict[str, Track]] = {}  # by kind, then RID
        for kind in kinds:
            self._layer(kind, ONLY_LAYER)

    def _layer(self, kind: str, rid: str) -> Track:
        layers = self._layers.setdefault(kind, {})
        if rid not in layers:
            layers[rid] = Track(kind, CLOCK_RATES[kind], self._audience(kind))
        return layers[rid]

    @property
    def tracks(self) -> list[Track]:
        return [track for layers in self._layers.values() for track in layers.values()]

    def track(self, kind: str, rid: str = ONLY_LAYER) -> Track:
        """Return one of its tracks; raise KeyError where it has no such medium or layer."""
        return self._layers[kind][rid]

    def layers(self, kind: str) -> list[Layer]:
        """Return the layers of the source that is shown; the only one, where none is."""
        found = [
            Layer(rid, each.rate.bitrate) for rid, each in self._layers[kind].items() if each.fed
        ]
        return found or [Layer(ONLY_LAYER, 0)]

    @property
    def layered(self) -> bool:
        """Whether the picture that is shown comes in several layers."""
        return "video" in self._layers and len(self.layers("video")) > 1

    # -- what is shown

    def publisher(self) -> Subject | None:
        """Return the subject whose source is shown, None where none is."""
        return self.source.subject if self.source is not None else None

    def show(self, source: Source, now: float) -> list[Followed]:
        """Let a source take the place; return what must follow. Its first packets are awaited."""
        self.clear()
        self.source = source
        for stream in source.streams.values():
            stream.track = self._layer(stream.kind, stream.id.rid)
            stream.track.set_source(stream.codec)
        return [
            followed
            for subscription in self.subscriptions
            for followed in subscription.source_changed(now)
        ]

    def clear(self) -> None:
        """The source is gone: show what it began, and wait for another one."""
        if self.source is None:
            return
        for track in self.source.tracks:
            track.end_source()
        for stream in self.source.streams.values():
            stream.track = None
        self.source = None

    # -- who gets it

    def subscribe(self, subscription: Subscription, now: float) -> list[Followed]:
        """Begin a subscription; return what must follow."""
        self.subscriptions.append(subscription)
        return subscription.begin(now)

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription; harmless when it is unknown."""
        if subscription in self.subscriptions:
            self.subscriptions.remove(subscription)
            subscription.end()

    def tick(self, now: float) -> None:
        """Once a second: measure layers and forget what no subscriber asks for any more."""
        for track in self.tracks:
            track.rate.measure(now)
            track.tidy(now)
