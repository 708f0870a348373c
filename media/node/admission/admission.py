"""Which tickets open a stage of this node, and what the journal says of those that do not.

Anybody may try as often as they like, so the records are bounded: so many refusals a minute become
journal facts, and the rest becomes one fact that counts them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from media.contract.journal import RecordKind
from media.contract.tickets import Grant, TicketClaims, TicketError
from media.node.admission.keyring import Keyring
from media.node.admission.revocations import RevocationList, StageClosed

MINUTE = 60.0
MAX_UNPROVEN_RECORDS = 60
"""Refusals without a proven subject that are recorded a minute, of all callers together."""

MAX_SUBJECT_RECORDS = 20
"""Refusals of one proven subject a minute: a terminal that tries every three seconds."""

MAX_STAGE = 64
"""Characters of a stage's name that are recorded: no ticket names a longer one."""

NOT_RECORDED = "left-out"
"""The reason of the record that counts what was not recorded (data: `count`)."""

Log = Callable[..., int]


class Admission:
    """Verifies tickets. Times are Unix seconds; `refused` counts every refusal."""

    def __init__(self, keyring: Keyring, revocations: RevocationList, log: Log) -> None:
        self.keyring, self.revocations = keyring, revocations
        self.refused = self.unrecorded = 0
        self._log = log
        self._counts: Counter[str] = Counter()
        self._until = 0.0
        self._unrecorded = 0

    def admit(self, token: str, stage: str, grants: Sequence[Grant], now: float) -> TicketClaims:
        """Return the claims of a ticket that opens `stage` now for one of `grants`.

        Raise TicketError or StageClosed; the refusal becomes a journal fact, with the subject
        where a signature proved it.
        """
        subject = ""
        named = stage  # the address may be anybody's invention; what is signed counts
        try:
            claims = self.keyring.verify(token)
            subject, named = claims.subject, claims.stage
            claims.check(now, stage, claims.grant if claims.grant in grants else grants[0])
            self.revocations.check(claims, now)
        except (TicketError, StageClosed) as error:
            reason = error.reason if isinstance(error, TicketError) else "stage-closed"
            self._record(named[:MAX_STAGE], subject, {"reason": reason, "grant": grants[0]}, now)
            raise
        return claims

    def recheck(self, claims: TicketClaims, now: float) -> None:
        """Check again after a wait: a request whose body is slow must not outlive a revocation."""
        claims.check(now, claims.stage, claims.grant)
        self.revocations.check(claims, now)

    def revoke(self, kind: str, names: Iterable[str], until: float, now: float) -> None:
        self.revocations.add(kind, names, until, now)

    def _record(self, stage: str, subject: str, data: dict[str, str], now: float) -> None:
        self.tick(now)
        self.refused += 1
        self._counts[subject] += 1
        if self._counts[subject] > (MAX_SUBJECT_RECORDS if subject else MAX_UNPROVEN_RECORDS):
            self._unrecorded += 1
            return
        self._log(RecordKind.REFUSED, stage=stage, subject=subject, data=data)

    def tick(self, now: float) -> None:
        """Write down how many were left out, once a minute is over."""
        if now < self._until:
            return
        if self._unrecorded:
            self.unrecorded += self._unrecorded
            data = {"reason": NOT_RECORDED, "grant": "", "count": self._unrecorded}
            self._log(RecordKind.REFUSED, data=data)
        self._counts.clear()
        self._unrecorded, self._until = 0, now + MINUTE
