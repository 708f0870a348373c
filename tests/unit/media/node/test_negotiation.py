"""Offers read and answered, line by line of the WHIP and WHEP checklist."""

import pytest

from media.contract.tickets import Slot
from media.node.answers import AnswerTrack, AnswerTransport, write_answer
from media.node.negotiation import (
    MULTI_SLOT,
    OfferRefused,
    read_publish_offer,
    read_view_offer,
)
from media.packets.sdp import parse_sdp

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
