"""Why a node does not let a peer in, though its ticket and offer are good."""


class NoSource(Exception):
    """nobody publishes into this stage yet"""


class SlotHeld(Exception):
    """a person publishes into this slot by hand; the room's own terminal waits"""


class NodeFull(Exception):
    """this node has as many peers as it may"""
