"""The door of a node: which tickets open a stage, and what is noted of those that do not.

Strangers may knock as often as they like, so what they cause is bounded: so many refusals a minute
become journal facts, and the rest one fact that counts them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from media.contract.journal import RecordKind
from media.contract.tickets import Grant, TicketClaims, TicketError
from media.node.admission.keyring import Keyring
from media.node.admission.revocations import Denials, StageClosed

MINUTE = 60.0
NOTED_STRANGERS = 60
"""Refusals without a proven subject that are noted a minute, of all strangers together."""

NOTED_SUBJECT = 20
"""Refusals of one proven subject a minute: a terminal that tries every three seconds."""

MAX_STAGE = 64
"""Characters of a stage's name that are noted: no ticket names a longer one."""

LEFT_OUT = "left-out"
"""The reason of the record that counts what was not noted (data: `count`)."""

Log = Callable[..., int]


class Door:
    """Verifies tickets. Times are Unix seconds; `refused` counts every refusal."""

    def __init__(self, keyring: Keyring, denials: Denials, log: Log) -> None:
        self.keyring, self.denials = keyring, denials
        self.refused = self.left_out = 0
        self._log = log
        self._noted: Counter[str] = Counter()
        self._until = 0.0
        self._unnoted = 0

    def admit(self, token: str, stage: str, grants: Sequence[Grant], now: float) -> TicketClaims:
        """Return the claims of a ticket that opens `stage` now for one of `grants`.

        Raise TicketError or StageClosed; the refusal becomes a journal fact, with the subject
        where a signature proved it.
        """
        subject = ""
        try:
            claims = self.keyring.verify(token)
            subject = claims.subject
            claims.check(now, stage, claims.grant if claims.grant in grants else grants[0])
            self.denials.check(claims, now)
        except (TicketError, StageClosed) as error:
            reason = error.reason if isinstance(error, TicketError) else "stage-closed"
            self._note(stage[:MAX_STAGE], subject, {"reason": reason, "grant": grants[0]}, now)
            raise
        return claims

    def check_again(self, claims: TicketClaims, now: float) -> None:
        """Ask once more after a wait: a body that trickles in must not outlive a revocation."""
        claims.check(now, claims.stage, claims.grant)
        self.denials.check(claims, now)

    def deny(self, kind: str, names: Iterable[str], until: float, now: float) -> None:
        self.denials.add(kind, names, until, now)

    def _note(self, stage: str, subject: str, data: dict[str, str], now: float) -> None:
        self.tick(now)
        self.refused += 1
        self._noted[subject] += 1
        if self._noted[subject] > (NOTED_SUBJECT if subject else NOTED_STRANGERS):
            self._unnoted += 1
            return
        self._log(RecordKind.REFUSED, stage=stage, subject=subject, data=data)

    def tick(self, now: float) -> None:
        """Write down how many were left out, once a minute is over."""
        if now < self._until:
            return
        if self._unnoted:
            self.left_out += self._unnoted
            data = {"reason": LEFT_OUT, "grant": "", "count": self._unnoted}
            self._log(RecordKind.REFUSED, data=data)
        self._noted.clear()
        self._unnoted, self._until = 0, now + MINUTE
