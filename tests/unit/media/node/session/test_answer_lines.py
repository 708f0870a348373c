"""Answers to the line, and how long a session may be silent, to the second."""

import re

import pytest

from media.contract.tickets import Slot
from media.node.session.answers import AnswerTrack, AnswerTransport, candidate_lines, write_answer
from media.node.session.negotiation import OfferedTrack
from media.node.session.peer_states import PeerState
from media.node.session.timeouts import end_reason, is_silent
from media.packets.sdp import Codec

H264 = Codec(
    102, "H264", 90_000, 1, {"packetization-mode": "1", "flag": ""},
    ("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc", "other"),
)  # fmt: skip
OPUS = Codec(111, "OPUS", 48_000, 2, {"minptime": "10"}, ("nack",))
VP8 = Codec(96, "VP8", 90_000, 1, {}, ())
TRANSPORT = AnswerTransport("ours", "secret", "AB:CD", (("192.0.2.1", 8700), ("2001:db8::1", 8700)))
COMMON = [
    "a=ice-ufrag:ours",
    "a=ice-pwd:secret",
    "a=fingerprint:sha-256 AB:CD",
    "a=setup:passive",
    "a=rtcp-mux",
    "a=rtcp-mux-only",
]
CANDIDATES = [
    "a=candidate:1 1 udp 2130706431 192.0.2.1 8700 typ host",
    "a=candidate:2 1 udp 2130706175 2001:db8::1 8700 typ host",
    "a=end-of-candidates",
]


def answer(*tracks: AnswerTrack, max_bitrate: int = 3_400_000) -> list[str]:
    text = write_answer(tracks, TRANSPORT, max_bitrate)
    assert text.endswith("\r\n")
    return text[:-2].split("\r\n")


def test_the_answer_to_a_publisher() -> None:
    sound = OfferedTrack(Slot.MAIN, "audio", "a", {"OPUS": OPUS}, transport_wide=4)
    picture = OfferedTrack(
        Slot.MAIN, "video", "v", {"H264": H264}, transport_wide=4, mid_extension=5
    )
    lines = answer(AnswerTrack(sound), AnswerTrack(picture))
    assert re.fullmatch(r"o=- \d{1,19} 2 IN IP4 127\.0\.0\.1", lines.pop(1))
    wide = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    assert lines == [
        *("v=0", "s=-", "t=0 0", "a=ice-lite", "a=msid-semantic: WMS *", "a=group:BUNDLE a v"),
        *("m=audio 8700 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 192.0.2.1", "a=mid:a"),
        *COMMON,
        "a=recvonly",
        f"a=extmap:4 {wide}",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=rtcp-fb:111 nack",
        *CANDIDATES,
        *("m=video 8700 UDP/TLS/RTP/SAVPF 102", "c=IN IP4 192.0.2.1", "a=mid:v"),
        *COMMON,
        "a=recvonly",
        "a=extmap:5 urn:ietf:params:rtp-hdrext:sdes:mid",
        f"a=extmap:4 {wide}",
        "a=rtpmap:102 H264/90000",
        "a=fmtp:102 packetization-mode=1;flag;"
        "x-google-start-bitrate=1500;x-google-max-bitrate=3400",
        *(f"a=rtcp-fb:102 {words}" for words in ("nack", "nack pli", "ccm fir", "transport-cc")),
        *CANDIDATES,
    ]


def test_the_answer_to_a_viewer() -> None:
    picture = OfferedTrack(Slot.GUEST, "video", "", {"VP8": VP8, "H264": H264}, send_time=3)
    lines = answer(AnswerTrack(picture, ssrc=77, cname="c1"))
    assert lines[6:] == [
        *("m=video 8700 UDP/TLS/RTP/SAVPF 96 102", "c=IN IP4 192.0.2.1"),
        *COMMON,
        "a=sendonly",
        "a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
        "a=rtpmap:96 VP8/90000",
        "a=rtpmap:102 H264/90000",
        "a=fmtp:102 packetization-mode=1;flag",
        *(f"a=rtcp-fb:102 {words}" for words in ("nack", "nack pli", "ccm fir", "goog-remb")),
        "a=msid:guest guest-video",
        "a=ssrc:77 cname:c1",
        "a=ssrc:77 msid:guest guest-video",
        *CANDIDATES,
    ]


@pytest.mark.parametrize(
    ("limit", "start", "most"),
    [(3_400_999, 1500, 3400), (1_500_000, 1500, 1500), (900_000, 900, 900)],
)
def test_a_publisher_s_picture_begins_at_no_more_than_its_limit(
    limit: int, start: int, most: int
) -> None:
    picture = OfferedTrack(Slot.MAIN, "video", "v", {"VP8": VP8})
    lines = answer(AnswerTrack(picture), max_bitrate=limit)
    assert f"a=fmtp:96 x-google-start-bitrate={start};x-google-max-bitrate={most}" in lines


def test_an_answer_over_ipv6_says_so() -> None:
    transport = AnswerTransport("u", "p", "AB", (("2001:db8::1", 1),))
    sound = OfferedTrack(Slot.MAIN, "audio", "a", {"OPUS": OPUS})
    assert "\r\nc=IN IP6 2001:db8::1\r\n" in write_answer([AnswerTrack(sound)], transport, 1)
    assert candidate_lines(()) == ["a=end-of-candidates"]


@pytest.mark.parametrize("state", list(PeerState))
def test_a_session_ends_by_its_age_before_it_connects_and_by_silence_after(
    state: PeerState,
) -> None:
    early = state in (PeerState.NEW, PeerState.CONNECTING)
    assert end_reason(state, 28.5, 15.0) is None
    assert end_reason(state, 28.6, 15.0) == (None if early else "lost")
    assert end_reason(state, 28.5, 15.1) == ("never used" if early else None)
    assert is_silent(state, 5.0) is False
    assert is_silent(state, 5.1) is (state is PeerState.CONNECTED)
