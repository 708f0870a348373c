"""Session descriptions (RFC 8866) read into sections, strictly enough for WHIP and WHEP."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_SDP = 64 * 1024
MAX_SECTIONS = 12
MAX_FORMATS = 128
"""Payload types are seven bits; a longer list would only cost time on the packets' loop."""
MAX_DIGITS = 10
ICE_UFRAG, ICE_PWD = re.compile(r"[A-Za-z0-9+/]{4,256}"), re.compile(r"[A-Za-z0-9+/]{22,256}")
"""RFC 8839 section 5.4."""
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")


class SdpError(ValueError):
    """this is not a session description that we can answer; the text says why"""


class SeveralTransports(SdpError):
    """a fragment names credentials of several transports: well-formed, and not supported"""


@dataclass(frozen=True, slots=True)
class Codec:
    """One payload type: `name` upper case, `parameters` of its fmtp line, `feedback` lines."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int
    parameters: Mapping[str, str]
    feedback: tuple[str, ...]


@dataclass(slots=True)
class Section:
    """One m= section. Attributes without a value map to an empty string."""

    kind: str
    port: int
    formats: tuple[str, ...]
    attributes: dict[str, list[str]] = field(default_factory=dict)

    def first(self, name: str) -> str | None:
        """Return the first value of an attribute, or None."""
        values = self.attributes.get(name)
        return values[0] if values else None

    @property
    def direction(self) -> str:
        return next((word for word in DIRECTIONS if word in self.attributes), "sendrecv")

    @property
    def mid(self) -> str:
        return self.first("mid") or ""

    def extension_id(self, uri: str) -> int | None:
        """Return the id of a header extension (RFC 8285) that fits the one-byte form, or None."""
        for value in self.attributes.get("extmap", []):
            name, _, rest = value.partition(" ")
            number = name.partition("/")[0]
            if rest.split(" ")[0] == uri and number.isdecimal() and 0 < int(number) < 15:
                return int(number)
        return None

    def codecs(self) -> list[Codec]:
        """Return the codecs in the order of preference; unknown payload types are left out."""
        found = []
        for payload_type in self.formats:
            described = self._of_payload("rtpmap", payload_type)
            if not described:
                continue
            name, _, rest = described[0].partition("/")
            rate, _, channels = rest.partition("/")
            number, clock_rate = _number(payload_type), _number(rate)
            if number is None or clock_rate is None or number > 127:
                raise SdpError(f"rtpmap of payload type {payload_type[:8]!r}")
            found.append(
                Codec(
                    number,
                    name.upper(),
                    clock_rate,
                    _number(channels) or 1,
                    _parameters(self._of_payload("fmtp", payload_type)),
                    tuple(self._of_payload("rtcp-fb", payload_type)),
                )
            )
        return found

    def _of_payload(self, name: str, payload_type: str) -> list[str]:
        pairs = (value.split(" ", 1) for value in self.attributes.get(name, []))
        return [pair[1] for pair in pairs if pair[0] == payload_type and len(pair) == 2]


@dataclass(slots=True)
class SessionDescription:
    attributes: dict[str, list[str]]
    sections: list[Section]

    def effective(self, section: Section, name: str) -> str | None:
        """Return a section's attribute, or the session's where the section has none."""
        own = section.first(name)
        return own if own is not None else next(iter(self.attributes.get(name, [])), None)


def _parameters(lines: list[str]) -> dict[str, str]:
    words = (word.strip() for line in lines for word in line.split(";"))
    pairs = (word.partition("=") for word in words if word)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def parse_sdp(text: str) -> SessionDescription:
    """Return the description; raise SdpError naming the first line that cannot be read."""
    if len(text) > MAX_SDP:
        raise SdpError("longer than a description may be")
    lines = _lines(text)
    if not lines or lines[0].strip() != "v=0":
        raise SdpError("the first line is not v=0")
    session: dict[str, list[str]] = {}
    sections: list[Section] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if len(line) < 2 or line[1] != "=":
            raise SdpError(f"line {number} is not of the form x=...")
        if line[0] == "m":
            sections.append(_section(line[2:], number))
        elif line[0] == "a":
            name, _, value = line[2:].strip().partition(":")
            target = sections[-1].attributes if sections else session
            target.setdefault(name, []).append(value)
    if not sections:
        raise SdpError("there is no m= section")
    if len(sections) > MAX_SECTIONS:
        raise SdpError("too many m= sections")
    return SessionDescription(session, sections)


def _lines(text: str) -> list[str]:
    """Return the lines; raise SdpError where one holds a control character (RFC 8866 section 9).

    What stands in an offer comes back in the answer, so a stray CR would begin a line there.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        if not line.isprintable() and any(ord(sign) < 32 and sign != "\t" for sign in line):
            raise SdpError(f"line {number} holds a control character")
    return lines


def _number(text: str) -> int | None:
    """Return a decimal number of ASCII digits, None for anything else."""
    plain = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    return int(text) if plain else None


def _section(value: str, number: int) -> Section:
    words = value.split()
    port = _number(words[1]) if len(words) >= 4 else None
    if port is None or port > 65535:
        raise SdpError(f"line {number} is not a media description")
    if len(words) - 3 > MAX_FORMATS:
        raise SdpError(f"line {number} names more formats than there are payload types")
    return Section(words[0], port, tuple(words[3:]))


@dataclass(frozen=True, slots=True)
class SdpFragment:
    """The body of a WHIP PATCH (RFC 8840): new credentials, candidates, or both."""

    ufrag: str | None
    pwd: str | None
    candidates: tuple[str, ...]


def parse_fragment(text: str) -> SdpFragment:
    """Return the fragment; raise SdpError when a line is malformed or it says nothing of ICE.

    Sections may repeat the credentials of the bundle; others raise SeveralTransports.
    """
    if len(text) > MAX_SDP:
        raise SdpError("longer than a fragment may be")
    credentials: dict[str, set[str]] = {"ice-ufrag": set(), "ice-pwd": set()}
    candidates: list[str] = []
    for number, line in enumerate(_lines(text), 1):
        if not line.strip():
            continue
        if len(line) < 2 or line[1] != "=" or line[0] not in "amgvost":
            raise SdpError(f"line {number} is not of the form x=...")
        name, _, value = line[2:].strip().partition(":")
        if line[0] == "a" and name in credentials:
            credentials[name].add(value)
        elif line[0] == "a" and name in ("candidate", "end-of-candidates"):
            candidates.append(value)
    if any(len(values) > 1 for values in credentials.values()):
        raise SeveralTransports("one transport carries the bundle: one ice-ufrag and one ice-pwd")
    ufrag, pwd = (next(iter(values), None) for values in credentials.values())
    if ufrag is None and not candidates:
        raise SdpError("neither credentials nor candidates")
    if (ufrag is None) != (pwd is None):
        raise SdpError("ice-ufrag and ice-pwd come together")
    if ufrag is not None and not (ICE_UFRAG.fullmatch(ufrag) and ICE_PWD.fullmatch(pwd or "")):
        raise SdpError("ice-ufrag has 4 to 256 ICE characters, ice-pwd 22 to 256")
    return SdpFragment(ufrag, pwd, tuple(candidates))
