"""What a viewer's offer becomes: a subscription for each slot, with random numbers of its own."""

import secrets
from collections.abc import Iterable, Mapping

from media.contract.tickets import Slot
from media.node.session.negotiation import OfferedTrack
from media.stage.reception.numbering import MAX_LATE
from media.stage.slot import StageSlot
from media.stage.subscription import Subscription
from media.stage.subscriptions.subscriber import Outlet, Subscriber


def new_subscriber(outlet: Outlet, offered: OfferedTrack, cname: str) -> Subscriber:
    """Return a subscriber with random numbers of its own for a section of a viewer's offer."""
    return Subscriber(
        outlet=outlet,
        ssrc=secrets.randbits(31) | 1,
        payload_types={name: codec.payload_type for name, codec in offered.codecs.items()},
        first_sequence=MAX_LATE + secrets.randbits(14),
        timestamp_offset=secrets.randbits(30),
        cname=cname,
    )


def new_subscriptions(
    outlet: Outlet, offered: Iterable[OfferedTrack], slots: Mapping[Slot, StageSlot]
) -> list[Subscription]:
    """Return a subscription (not begun) for each slot that an offer has sections of."""
    ends: dict[Slot, dict[str, Subscriber]] = {}
    for section in offered:
        end = new_subscriber(outlet, section, slots[section.slot].cname)
        ends.setdefault(section.slot, {})[section.kind] = end
    return [Subscription(slots[name], by_kind) for name, by_kind in ends.items()]
