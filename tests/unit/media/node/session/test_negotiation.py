"""Offers read and answered, line by line of the WHIP and WHEP checklist."""

import pytest

from media.contract.tickets import Grant, Slot
from media.node.session.answers import AnswerTrack, AnswerTransport, write_answer
from media.node.session.negotiation import (
    MULTI_SLOT,
    OfferRefused,
    read_publish_offer,
    read_view_offer,
)
from media.node.session.publisher import offered_source
from media.packets.sdp import parse_sdp
from media.stage.demux import StreamId
from tests.support.tickets import TicketMint

TRANSPORT = AnswerTransport("uuuu", "p" * 32, "AA:BB", (("192.0.2.1", 5000), ("192.0.2.2", 5000)))
CODECS = {
    "audio": ("111 0", ["rtpmap:111 opus/48000/2", "fmtp:111 minptime=10;useinbandfec=1"]),
    "video": (
        "96 102 103",
        [
            "rtpmap:96 VP8/90000",
            "rtcp-fb:96 nack",
            "rtpmap:102 H264/90000",
            "fmtp:102 packetization-mode=0;profile-level-id=42e01f",
            "rtpmap:103 H264/90000",
            "fmtp:103 packetization-mode=1;profile-level-id=42e01f",
            "rtcp-fb:103 nack pli",
            "rtcp-fb:103 transport-cc",
        ],
    ),
}


def offer(kinds: list[str], direction: str, **changes: str) -> str:
    setup = changes.get("setup", "actpass")
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    lines.append("a=group:BUNDLE " + " ".join(map(str, range(len(kinds)))))
    for mid, kind in enumerate(kinds):
        formats, described = CODECS.get(kind, ("0", []))
        lines.append(f"m={kind} 9 UDP/TLS/RTP/SAVPF {formats}")
        lines += ["c=IN IP4 0.0.0.0", "a=ice-ufrag:abcd", "a=ice-pwd:" + "x" * 22]
        lines += ["a=fingerprint:sha-256 11:22", f"a=setup:{setup}", f"a=mid:{mid}"]
        lines += [f"a={direction}", "a=rtcp-mux", *(f"a={line}" for line in described)]
    text = "\r\n".join(lines) + "\r\n"
    for old, new in changes.items():
        if old != "setup":
            text = text.replace(*new.split("|"))
    return text


def test_publishing_takes_one_h264_and_opus() -> None:
    read = read_publish_offer(offer(["audio", "video"], "sendonly"), Slot.MAIN)
    assert (read.ufrag, read.fingerprints) == ("abcd", (("sha-256", "11:22"),))
    assert [(t.slot, t.kind, t.mid) for t in read.tracks] == [
        (Slot.MAIN, "audio", "0"),
        (Slot.MAIN, "video", "1"),
    ]
    assert [c.payload_type for c in read.tracks[1].codecs.values()] == [103]


def test_the_answer_to_a_publisher() -> None:
    read = read_publish_offer(offer(["audio", "video"], "sendonly"), Slot.MAIN)
    text = write_answer([AnswerTrack(t) for t in read.tracks], TRANSPORT, 2_800_000)
    answer = parse_sdp(text)
    assert "ice-lite" in answer.attributes
    assert answer.attributes["group"] == ["BUNDLE 0 1"]
    for section in answer.sections:
        assert section.direction == "recvonly"
        assert section.first("setup") == "passive"
        assert "rtcp-mux-only" in section.attributes
        assert len(section.attributes["candidate"]) == 2
        assert "end-of-candidates" in section.attributes
    (video,) = answer.sections[1].codecs()
    assert video.parameters["x-google-start-bitrate"] == "1500"
    assert video.feedback == ("nack pli",)


@pytest.mark.parametrize("offered", ["minptime=10;useinbandfec=1", "minptime=10"])
def test_publishers_are_asked_for_opus_with_its_forward_error_correction(offered: str) -> None:
    text = offer(["audio"], "sendonly", fec=f"minptime=10;useinbandfec=1|{offered}")
    read = read_publish_offer(text, Slot.MAIN)
    answer = parse_sdp(write_answer([AnswerTrack(t) for t in read.tracks], TRANSPORT, 2_800_000))
    (opus,) = answer.sections[0].codecs()
    assert opus.parameters == {"minptime": "10", "useinbandfec": "1"}


EXTENSIONS = {
    "send time": "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "transport-wide": (
        "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    ),
}


def published(*extensions: str, sound_has_them: bool = True, feedback: str = "transport-cc") -> str:
    """Return the answer to a publisher whose picture (and sound) offers these extensions."""
    lines = "\r\n".join(EXTENSIONS[name] for name in extensions)
    sound, picture = offer(["audio", "video"], "sendonly").split("m=video")
    picture += lines + "\r\na=rtcp-fb:103 goog-remb\r\n"
    picture = picture.replace("rtcp-fb:103 transport-cc", f"rtcp-fb:103 {feedback}")
    if sound_has_them:
        sound += lines + "\r\na=rtcp-fb:111 transport-cc\r\n"
    read = read_publish_offer(f"{sound}m=video{picture}", Slot.MAIN)
    return write_answer([AnswerTrack(t) for t in read.tracks], TRANSPORT, 2_800_000)


def test_transport_wide_feedback_is_chosen_where_it_is_offered_and_never_both() -> None:
    sections = parse_sdp(published("send time", "transport-wide")).sections
    for section in sections:
        assert section.attributes["extmap"] == [EXTENSIONS["transport-wide"][9:]]
    assert [section.codecs()[0].feedback for section in sections] == [
        ("transport-cc",),
        ("nack pli", "transport-cc"),
    ]


def test_sound_without_transport_wide_numbers_is_answered_without_them() -> None:
    sound, picture = parse_sdp(published("transport-wide", sound_has_them=False)).sections
    assert "extmap" not in sound.attributes
    assert picture.attributes["extmap"] == [EXTENSIONS["transport-wide"][9:]]


@pytest.mark.parametrize(
    ("extensions", "feedback"),
    [(("send time",), "transport-cc"), (("send time", "transport-wide"), "ccm tmmbr")],
    ids=["no number", "no feedback message"],
)
def test_any_other_publisher_gets_remb(extensions: tuple[str, ...], feedback: str) -> None:
    picture = parse_sdp(published(*extensions, feedback=feedback)).sections[1]
    assert picture.attributes["extmap"] == [EXTENSIONS["send time"][9:]]
    assert picture.codecs()[0].feedback == ("nack pli", "goog-remb")


def test_viewers_send_remb() -> None:
    text = offer(["audio", "video"], "recvonly") + EXTENSIONS["transport-wide"] + "\r\n"
    read = read_view_offer(text + "a=rtcp-fb:103 goog-remb\r\n", multi_slot=False)
    answer = write_answer([AnswerTrack(t, 77, "c") for t in read.tracks], TRANSPORT, 1_000_000)
    video = parse_sdp(answer).sections[1]
    assert "extmap" not in video.attributes
    assert video.codecs()[0].feedback == ("nack pli", "goog-remb")


def test_a_plain_viewer_gets_every_codec_that_is_forwarded() -> None:
    read = read_view_offer(offer(["audio", "video"], "recvonly"), multi_slot=False)
    assert list(read.tracks[1].codecs) == ["H264", "VP8"]
    text = write_answer([AnswerTrack(t, 77, "c7n") for t in read.tracks], TRANSPORT, 1_000_000)
    video = parse_sdp(text).sections[1]
    assert video.direction == "sendonly"
    assert [codec.payload_type for codec in video.codecs()] == [103, 96]
    assert video.first("msid") == "main main-video"
    assert video.attributes["ssrc"] == ["77 cname:c7n", "77 msid:main main-video"]


def test_a_multi_slot_viewer_gets_its_five_places() -> None:
    kinds = [kind for _slot, kind in MULTI_SLOT]
    read = read_view_offer(offer(kinds, "recvonly"), multi_slot=True)
    assert [(t.slot, t.kind) for t in read.tracks] == list(MULTI_SLOT)


@pytest.mark.parametrize(
    ("text", "status", "why"),
    [
        ("rubbish", 400, "not a session description"),
        (offer(["audio", "video"], "recvonly"), 422, "recvonly"),
        (offer(["video", "video"], "sendonly"), 422, "one audio and one video"),
        (offer(["audio", "application"], "sendonly"), 422, "m=application"),
        (offer(["video"], "sendonly", setup="passive"), 422, "DTLS server"),
        (offer(["video"], "sendonly", a="a=ice-ufrag:abcd|a=x"), 400, "ice-ufrag"),
        (offer(["video"], "sendonly", a="sha-256|md5"), 400, "fingerprint"),
        (offer(["video"], "sendonly", a="a=rtcp-mux|a=x"), 422, "rtcp-mux"),
        (offer(["audio", "video"], "sendonly", a="BUNDLE 0 1|BUNDLE 0"), 422, "BUNDLE"),
        (offer(["audio", "video"], "sendonly", a="a=mid:1|a=mid:0"), 422, "BUNDLE"),
        (offer(["audio"], "sendonly", a="opus|PCMU"), 422, "OPUS"),
        (offer(["video"], "sendonly", a="packetization-mode=1|packetization-mode=0", b="VP8|VP9"),
         422, "H264 or VP8"),
    ],
)  # fmt: skip
def test_offers_that_are_refused_whole(text: str, status: int, why: str) -> None:
    with pytest.raises(OfferRefused, match=why) as refused:
        read_publish_offer(text, Slot.MAIN)
    assert refused.value.status == status


def test_multi_slot_offers_keep_their_order() -> None:
    with pytest.raises(OfferRefused, match="audio, video, video, audio, video"):
        read_view_offer(offer(["audio", "video"], "recvonly"), multi_slot=True)


def test_a_publisher_that_names_its_sections_in_packets_is_answered_so() -> None:
    text = offer(["audio", "video"], "sendonly").replace(
        "a=rtcp-mux", "a=rtcp-mux\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid"
    )
    read = read_publish_offer(text, Slot.MAIN)
    assert [track.mid_extension for track in read.tracks] == [4, 4]
    answer = parse_sdp(write_answer([AnswerTrack(t) for t in read.tracks], TRANSPORT, 2_800_000))
    for section in answer.sections:
        assert section.attributes["extmap"] == ["4 urn:ietf:params:rtp-hdrext:sdes:mid"]
    source = offered_source(TicketMint().claims("l1", "room:a", Grant.PUBLISH), read)
    assert list(source.streams) == [StreamId("0"), StreamId("1")]
    watched = read_view_offer(text.replace("sendonly", "recvonly"), multi_slot=False)
    answer = parse_sdp(write_answer([AnswerTrack(t, 7) for t in watched.tracks], TRANSPORT, 1))
    assert all("extmap" not in section.attributes for section in answer.sections)
