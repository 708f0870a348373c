"""Targets of the HTTP port and the stage WebSocket: SDP, its fragments, tickets, messages."""

import json
import random
import tempfile
from functools import cache
from pathlib import Path

from joserfc import jws

from media.contract.journal import JournalRecord, RecordKind, decode, encode
from media.contract.messages import MessageError, Report, parse_client_message
from media.contract.tickets import ALGORITHM, Grant, Slot, TicketClaims, TicketError
from media.httpd.proxies import client_of, is_proxy, parse_network, source_of
from media.node.admission.keyring import Keyring
from media.node.session.answers import AnswerTrack, AnswerTransport, write_answer
from media.node.session.negotiation import OfferRefused, read_publish_offer, read_view_offer
from media.packets.sdp import SdpError, parse_fragment
from tests.fuzz.mutations import respelled
from tests.fuzz.target import Finding, Make, Target
from tests.support.offer import Credentials, write_offer
from tests.support.tickets import TicketMint

FINGERPRINT = ":".join(["AB"] * 32)
CREDENTIALS = Credentials("abcd1234", "0123456789abcdef0123456789abcdef")
OFFERS = [
    write_offer(("audio", "video"), "sendonly", CREDENTIALS, FINGERPRINT),
    write_offer(("audio", "video"), "recvonly", CREDENTIALS, FINGERPRINT),
    write_offer(("audio", "video", "video", "audio", "video"), "recvonly", CREDENTIALS, "AB:CD"),
]
TRANSPORT = AnswerTransport("u" * 8, "p" * 32, FINGERPRINT, (("192.0.2.1", 8701),))


def try_sdp(text: str) -> bool:
    """Read it in all three ways; an answer holds as many sections as the offer, line by line."""
    read = False
    for offered in (
        lambda: read_publish_offer(text, Slot.MAIN),
        lambda: read_view_offer(text, multi_slot=False),
        lambda: read_view_offer(text, multi_slot=True),
    ):
        try:
            offer = offered()
        except OfferRefused as error:
            if error.status not in (400, 422):
                raise Finding(f"refused with {error.status}") from error
            continue
        read = True
        tracks = [AnswerTrack(track, ssrc=7) for track in offer.tracks]
        answer = write_answer(tracks, TRANSPORT, 2_800_000)
        lines = answer.split("\r\n")
        if sum(line.startswith("m=") for line in lines) != len(offer.tracks):
            raise Finding("an answer with other sections than its offer")
        if any(len(line) < 2 or line[1] != "=" for line in lines[:-1]) or "\r" in "".join(lines):
            raise Finding("the offer wrote lines into the answer")
    return read


FRAGMENTS = [
    "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n",
    "a=ice-lite\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 1 x 9 typ host\r\n",
    "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=end-of-candidates\r\n",
]


def try_fragment(text: str) -> bool:
    try:
        fragment = parse_fragment(text)
    except SdpError:
        return False
    if len(fragment.ufrag or "") > 256:
        raise Finding("credentials without bounds")
    return True


MINT = TicketMint()
CLAIMS = [MINT.claims("l1", "room:r1", Grant.VIEW), MINT.claims("l1", "person:p", Grant.PUBLISH)]
TICKETS = [MINT.sign(claims) for claims in CLAIMS] + [
    "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ0b25na2UtcmVsYXkifQ.",
    "eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoidGVzdC1rZXkiLCJjcml0IjpbIngiXX0.e30.AA",
    "eyJhbGciOiJIUzI1NiIsImtpZCI6InRlc3Qta2V5In0.e30.AA",
    "eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoidGVzdC1rZXkiLCJiNjQiOmZhbHNlfQ.e30.AA",
]


@cache
def _keyring() -> Keyring:
    folder = Path(tempfile.mkdtemp(prefix="tongke-fuzz-"))
    (folder / "keys.json").write_text(json.dumps(MINT.jwks()))
    keyring = Keyring(folder / "keys.json")
    keyring.verify(TICKETS[0])
    (folder / "keys.json").unlink()
    folder.rmdir()
    return keyring


PAYLOADS = [json.dumps(claims.to_payload()) for claims in CLAIMS]


def _ticket(chance: random.Random) -> tuple[str, bool]:
    """Return a ticket and whether its signature is ours: a key holder may write nonsense too."""
    if chance.random() < 0.7:
        return respelled(chance, TICKETS), False
    payload = respelled(chance, PAYLOADS).encode("utf-8", "replace")
    header = {"alg": ALGORITHM, "kid": MINT.kid}
    token = jws.serialize_compact(header, payload, MINT.key, algorithms=[ALGORITHM])
    return str(token), True


def try_ticket(case: tuple[str, bool]) -> bool:
    """Whatever is accepted says what we signed, and nothing of it is of another type."""
    token, ours = case
    try:
        claims = _keyring().verify(token)
        claims.check(claims.nbf, claims.stage, claims.grant)
    except TicketError:
        return False
    if not ours and claims not in CLAIMS:
        raise Finding(f"a forged ticket was accepted: {claims}")
    if TicketClaims.from_payload(claims.to_payload()) != claims:
        raise Finding(f"claims that cannot be written: {claims}")
    return True


MESSAGES = [
    '{"type":"hello","ticket":"a.b.c"}',
    '{"type":"ping","at":12.5}',
    json.dumps({"type": "report", "frames": 9, "audio_level": 0.5, "playing": True, "fault": "A"}),
    json.dumps({"type": "report", "width": 1280, "height": 720, "muted": False, "lost": 3}),
]


FIELDS = (
    *("type", "ticket", "at", "frames", "width", "height", "audio_level", "muted", "playing"),
    *("lost", "fault", "fault", "", "\ud800", "__class__"),
)
VALUES = (
    *(0, 1, -1, 2**53, 10**400, 1e300, float("nan"), float("inf"), -0.0, True, False, None),
    *("", "A01", "\0", "\ud800", "x" * 300, [], {}, [[]], {"type": "hello"}),
)


def _message(chance: random.Random) -> str:
    if chance.random() < 0.4:
        return respelled(chance, MESSAGES)
    body = {name: chance.choice(VALUES) for name in chance.choices(FIELDS, k=chance.randrange(5))}
    kind = chance.choice(("report", "report", "hello", "ping", "welcome"))
    return json.dumps({"type": kind, **body} if chance.random() < 0.9 else body)


def try_message(text: str) -> bool:
    """What is read can be written into the journal and read there again."""
    try:
        message = parse_client_message(text)
    except MessageError as error:
        str(error).encode()  # it becomes the reason of a close frame
        return False
    if isinstance(message, Report):
        data = {"frames": message.frames, "fault": message.fault, "level": message.audio_level}
        record = JournalRecord("n1", "b", 1, 1.0, 1.0, RecordKind.REPORT, data=data)
        if decode(encode(record))[0] != [record]:
            raise Finding("a report that the journal does not keep")
    return True


FORWARDED = ["192.0.2.7", "192.0.2.7, 10.0.0.9", "2001:db8::1,::ffff:10.0.0.9", "unknown", "::1%0"]
PROXIES = (parse_network("10.0.0.0/8"), parse_network("fd00::/8"))


def try_forwarded(line: str) -> bool:
    """Whoever is found stands behind proxies of ours alone, and is counted by a short name."""
    found = client_of("10.0.0.1", [line], PROXIES)
    if len(source_of(found)) > len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"):
        raise Finding(f"{found!r} is kept whole")
    if found == "10.0.0.1":
        return False
    words = [word.strip() for word in line.split(",")]
    between = words[len(words) - words[::-1].index(found) :]
    if not all(is_proxy(word, PROXIES) for word in between):
        raise Finding(f"{found!r} was found past somebody who is no proxy")
    return True


def _texts(seeds: list[str]) -> Make:
    return lambda chance: respelled(chance, seeds)


TEXTS = {
    "sdp": Target(_texts(OFFERS), try_sdp),
    "sdpfrag": Target(_texts(FRAGMENTS), try_fragment),
    "tickets": Target(_ticket, try_ticket),
    "messages": Target(_message, try_message),
    "forwarded": Target(_texts(FORWARDED), try_forwarded),
}
