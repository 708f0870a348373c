"""Session descriptions and fragments: read, or refused by their own error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.packets.sdp import SdpError, SeveralTransports, parse_fragment, parse_sdp

OFFER = """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
m=video 9 UDP/TLS/RTP/SAVPF 102 103
c=IN IP4 0.0.0.0
a=mid:0
a=recvonly
a=rtpmap:102 h264/90000
a=fmtp:102 packetization-mode=1;profile-level-id=42e01f
a=rtcp-fb:102 nack pli
"""


def test_reads_sections_and_codecs() -> None:
    description = parse_sdp(OFFER.replace("\n", "\r\n"))
    assert description.attributes == {"group": ["BUNDLE 0"]}
    (video,) = description.sections
    assert (video.kind, video.port, video.mid, video.direction) == ("video", 9, "0", "recvonly")
    (codec,) = video.codecs()
    assert (codec.payload_type, codec.name, codec.clock_rate) == (102, "H264", 90000)
    assert codec.parameters == {"packetization-mode": "1", "profile-level-id": "42e01f"}
    assert codec.feedback == ("nack pli",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "first line"),
        ("v=1\n", "first line"),
        ("v=0\ns=-\n", "no m= section"),
        ("v=0\nnonsense\n", "line 2"),
        ("v=0\nm=video x y z\n", "line 2"),
        ("v=0\nm=video 70000 y z\n", "line 2"),
        ("v=0\n" + "m=audio 9 X 0\n" * 13, "too many"),
        ("v=0\n" + "a=x\n" * 20_000, "longer"),
    ],
)
def test_refuses_what_is_no_description(text: str, why: str) -> None:
    with pytest.raises(SdpError, match=why):
        parse_sdp(text)


@pytest.mark.parametrize("line", ["102 H264/x", "102 H264", "999 H264/90000"])
def test_refuses_a_broken_rtpmap(line: str) -> None:
    text = OFFER.replace("102 h264/90000", line).replace("102 103", "102 103 999")
    with pytest.raises(SdpError):
        parse_sdp(text).sections[0].codecs()


def test_reads_fragments() -> None:
    restart = parse_fragment("a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n")
    assert (restart.ufrag, restart.candidates) == ("abcd", ())
    trickle = parse_fragment("m=audio 9 RTP/AVP 0\na=mid:0\na=candidate:1 1 udp 1 x 9 typ host\n")
    assert trickle.ufrag is None
    assert trickle.candidates == ("1 1 udp 1 x 9 typ host",)
    for broken in ("", "what", "a=ice-ufrag:abcd\n", "a=mid:0\n"):
        with pytest.raises(SdpError):
            parse_fragment(broken)


def test_sections_of_a_fragment_may_repeat_the_credentials_but_not_have_their_own() -> None:
    mine = "a=ice-ufrag:abcd\na=ice-pwd:0123456789012345678901\n"
    twice = f"m=audio 9 RTP/AVP 0\na=mid:0\n{mine}m=video 9 RTP/AVP 0\na=mid:1\n{mine}"
    assert parse_fragment(twice).ufrag == "abcd"
    with pytest.raises(SeveralTransports):
        parse_fragment(mine + mine.replace("abcd", "efgh"))


@given(st.text(alphabet="amv=: 019/\r\nxICE-", max_size=200))
def test_garbage_is_read_or_refused(text: str) -> None:
    for read in (lambda t: [s.codecs() for s in parse_sdp("v=0\n" + t).sections], parse_fragment):
        try:
            read(text)
        except SdpError:
            continue


HOSTILE = {
    "a digit that int() does not read": ("v=0\nm=video \u00b2 x 102", "not a media"),
    "a number longer than int() takes": (f"v=0\nm=video {'9' * 5000} x 102", "not a media"),
    "a rate that int() does not read": (
        "v=0\nm=video 9 x 102\na=rtpmap:102 H264/\u00b2",
        "rtpmap of payload type",
    ),
    "a payload type beyond reason": (
        f"v=0\nm=audio 9 x {'1' * 4301}\na=rtpmap:{'1' * 4301} opus/48000",
        "rtpmap of payload type",
    ),
    "a line within a line": ("v=0\nm=video 9 x 102\na=mid:0\ra=candidate:1", "control character"),
    "more formats than payload types": ("v=0\nm=audio 9 x " + "1 " * 16_000, "more formats"),
}


@pytest.mark.parametrize(("text", "why"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_descriptions_are_refused(text: str, why: str) -> None:
    with pytest.raises(SdpError, match=why):
        [section.codecs() for section in parse_sdp(text).sections]


def test_a_description_of_a_payload_type_that_is_not_offered_is_passed_over() -> None:
    text = f"v=0\nm=audio 9 x 1\na=rtpmap:{'1' * 4301} opus/48000"
    assert parse_sdp(text).sections[0].codecs() == []


def test_credentials_of_a_fragment_are_bounded() -> None:
    with pytest.raises(SdpError, match="256"):
        parse_fragment(f"a=ice-ufrag:{'u' * 257}\na=ice-pwd:x\n")
