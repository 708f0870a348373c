"""ICE-lite (RFC 8445 section 2.5): we answer checks for ever and never send one."""

import secrets
from dataclasses import dataclass, field

from media.packets.stun import BindingRequest


@dataclass(frozen=True, slots=True)
class IceCredentials:
    """Our half of the short-term credentials (RFC 8445 section 5.3: 24 and 128 bits or more)."""

    ufrag: str = field(default_factory=lambda: secrets.token_hex(4))
    pwd: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Generation:
    """One ICE session: our credentials and the peer's username fragment."""

    remote_ufrag: str
    local: IceCredentials = field(default_factory=IceCredentials)

    def accepts(self, request: BindingRequest) -> bool:
        """Tell whether the request proves to know both halves."""
        return (
            request.local_ufrag == self.local.ufrag
            and request.remote_ufrag == self.remote_ufrag
            and request.verified(self.local.pwd.encode())
        )


class IceLite:
    """The ICE sessions of one peer: the present one, and during a restart the one before it.

    The older one answers until the peer nominates a pair of the new one (RFC 8445 section 9), so
    a restart that fails, once or ten times, ends nothing.
    """

    def __init__(self, remote_ufrag: str) -> None:
        self._present = Generation(remote_ufrag)
        self._older: Generation | None = None
        self._proven = False

    @property
    def local(self) -> IceCredentials:
        return self._present.local

    @property
    def remote_ufrag(self) -> str:
        return self._present.remote_ufrag

    @property
    def ufrags(self) -> set[str]:
        """Our username fragments that still answer."""
        known = (self._present, self._older)
        return {generation.local.ufrag for generation in known if generation is not None}

    def accepts(self, request: BindingRequest) -> IceCredentials | None:
        """Return the credentials that the request proves to know, or None."""
        if self._present.accepts(request):
            self._proven = True
            if request.use_candidate:
                self._older = None
            return self._present.local
        if self._older is not None and self._older.accepts(request):
            return self._older.local
        return None

    def restart(self, remote_ufrag: str) -> IceCredentials:
        """Begin a new ICE session beside the last one that a check has proven."""
        if self._proven or self._older is None:
            self._older = self._present
        self._present, self._proven = Generation(remote_ufrag), False
        return self._present.local
