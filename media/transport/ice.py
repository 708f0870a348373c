"""ICE-lite (RFC 8445 section 2.5): we answer checks for ever and never send one."""

import secrets
from dataclasses import dataclass, field

from media.packets.stun import BindingRequest


@dataclass(frozen=True, slots=True)
class IceCredentials:
    """Our half of the short-term credentials (RFC 8445 section 5.3: 24 and 128 bits or more)."""

    ufrag: str = field(default_factory=lambda: secrets.token_hex(4))
    pwd: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(slots=True)
class IceLite:
    """The credentials of one peer. During a restart the older pair still answers (RFC 8445 9)."""

    remote_ufrag: str
    local: IceCredentials = field(default_factory=IceCredentials)
    older: IceCredentials | None = None
    older_remote: str = ""

    def accepts(self, request: BindingRequest) -> IceCredentials | None:
        """Return the credentials that the request proves to know, or None."""
        if request.local_ufrag == self.local.ufrag:
            known, remote = self.local, self.remote_ufrag
        elif self.older and request.local_ufrag == self.older.ufrag:
            known, remote = self.older, self.older_remote
        else:
            return None
        if request.remote_ufrag != remote or not request.verified(known.pwd.encode()):
            return None
        return known

    def restart(self, remote_ufrag: str) -> IceCredentials:
        """Begin a new generation; the older one goes on answering until the next restart."""
        self.older, self.older_remote = self.local, self.remote_ufrag
        self.local, self.remote_ufrag = IceCredentials(), remote_ufrag
        return self.local
