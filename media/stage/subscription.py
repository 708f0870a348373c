"""A subscription: one receiver's hold on a slot, and the layer of its picture that it can carry.

The receiver may be a WebRTC viewer, a recorder or another node: it is known by its outlets alone.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from media.contract.subjects import Subject
from media.contract.tickets import Slot
from media.stage.layers import BestThatFits, Layer, LayerChoice
from media.stage.outcome import Outcome
from media.stage.subscriptions.subscriber import Subscriber
from media.stage.track import Track

BEST_THAT_FITS = BestThatFits()


class ShownSlot(Protocol):
    """What a subscription asks of its slot (media.stage.slot)."""

    name: Slot

    def track(self, kind: str, rid: str = "") -> Track: ...
    def layers(self, kind: str) -> list[Layer]: ...
    def publisher(self) -> Subject | None: ...


class Followed(NamedTuple):
    """What must follow, and of which track."""

    track: Track
    outcome: Outcome


class Subscription:
    """`ends` has what is sent of each medium that is wanted, by kind.

    `without_sound_of`: a subject whose own sound is not sent back to it, None for none.
    """

    __slots__ = (
        "_capacity",
        "_choice",
        "_tracks",
        "_withheld",
        "_without_sound_of",
        "ends",
        "slot",
    )

    def __init__(
        self,
        slot: ShownSlot,
        ends: Mapping[str, Subscriber],
        choice: LayerChoice = BEST_THAT_FITS,
        without_sound_of: Subject | None = None,
    ) -> None:
        self.slot = slot
        self.ends = ends
        self._choice = choice
        self._without_sound_of = without_sound_of
        self._tracks: dict[str, Track] = {kind: slot.track(kind) for kind in ends}
        self._withheld: frozenset[str] = frozenset()  # kinds that are subscribed and not sent
        self._capacity: int | None = None

    def pairs(self) -> Iterator[tuple[Track, Subscriber]]:
        """Yield each end with the track that it is subscribed to."""
        for kind, end in self.ends.items():
            yield self._tracks[kind], end

    def track(self, kind: str) -> Track:
        """Return where the end of a medium is subscribed."""
        return self._tracks[kind]

    def begin(self, now: float) -> list[Followed]:
        """Subscribe to every medium; return what must follow."""
        found: list[Followed] = []
        for kind, end in self.ends.items():
            track = self._tracks[kind] = self.slot.track(kind, self._chosen(kind))
            end.codec_changed(track.codec, track.next_sequence)
            if self._is_withheld(kind):
                self._withheld |= {kind}
                end.leave_out(track.next_sequence)
            else:
                found.append(Followed(track, track.subscribe(end, now)))
        return found

    def end(self) -> None:
        """Let nothing more be sent."""
        for track, end in self.pairs():
            track.unsubscribe(end)

    def source_changed(self, now: float) -> list[Followed]:
        """Another source is shown in the slot, of another codec perhaps; return what follows."""
        found: list[Followed] = []
        for kind, end in self.ends.items():
            found += self._use_layer(kind, self._chosen(kind), now)
            track = self._tracks[kind]
            if not self._is_withheld(kind):
                found += self._resume(kind, track, end, now)
                end.codec_changed(track.codec, track.next_sequence)
            elif kind not in self._withheld:
                self._withheld |= {kind}
                track.unsubscribe(end)
                end.leave_out(track.next_sequence)
        return found

    def carries(self, capacity: int | None, now: float) -> list[Followed]:
        """Note what the receiver's path carries (bit/s) and choose its layer anew."""
        self._capacity = capacity
        return self._use_layer("video", self._chosen("video"), now) if "video" in self.ends else []

    def _chosen(self, kind: str) -> str:
        layers = self.slot.layers(kind)
        if len(layers) == 1:
            return layers[0].rid
        return self._choice.choose(layers, self._capacity)

    def _use_layer(self, kind: str, rid: str, now: float) -> list[Followed]:
        """Go over to another layer: what it sends follows in number and in time."""
        old, new, end = self._tracks[kind], self.slot.track(kind, rid), self.ends[kind]
        if new is old:
            return []
        old.flush()
        old.unsubscribe(end)
        end.change_track(old.next_sequence, old.ticks_ahead_of(new, now))
        self._tracks[kind] = new
        end.codec_changed(new.codec, new.next_sequence)
        return [Followed(new, new.subscribe(end, now, from_cache=not end.packets_sent))]

    def _resume(self, kind: str, track: Track, end: Subscriber, now: float) -> list[Followed]:
        if kind not in self._withheld:
            return []
        self._withheld -= {kind}
        end.take_in(track.next_sequence)
        return [Followed(track, track.subscribe(end, now))]

    def _is_withheld(self, kind: str) -> bool:
        own = self._without_sound_of is not None and self.slot.publisher() == self._without_sound_of
        return kind == "audio" and own
