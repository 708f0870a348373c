"""Offers that lack one thing: each is refused for that, and one that lacks nothing is not."""

import pytest

from media.contract.tickets import Slot
from media.node.session.negotiation import (
    Offer,
    OfferRefused,
    read_publish_offer,
    read_view_offer,
)

PRINT = "AB:" * 31 + "AB"
TRANSPORT = f"""a=ice-ufrag:theirs
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 {PRINT}
a=setup:actpass
a=rtcp-mux
"""
PICTURE = """m=video 9 UDP/TLS/RTP/SAVPF 102 96
a=mid:v
a=sendonly
a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:5 urn:ietf:params:rtp-hdrext:sdes:mid
a=rtpmap:102 H264/90000
a=fmtp:102 packetization-mode=1;profile-level-id=42e01f
a=rtcp-fb:102 nack
a=rtpmap:96 VP8/90000
"""
SOUND = """m=audio 9 UDP/TLS/RTP/SAVPF 111
a=mid:a
a=sendonly
a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=rtpmap:111 opus/48000/2
"""
MUX = "a=rtcp-mux\n"
HEAD = "v=0\ns=-\na=group:BUNDLE a v\n"
OFFER = HEAD + SOUND + TRANSPORT + PICTURE + TRANSPORT


def publish(text: str = OFFER, slot: Slot = Slot.MAIN) -> Offer:
    return read_publish_offer(text, slot)


def without(line: str, text: str = OFFER) -> str:
    assert line in text
    return text.replace(line + "\n", "")


def changed(line: str, other: str, text: str = OFFER) -> str:
    assert line in text
    return text.replace(line, other)


def refusal(text: str, slot: Slot = Slot.MAIN) -> tuple[int, str]:
    with pytest.raises(OfferRefused) as refused:
        publish(text, slot)
    return refused.value.status, refused.value.detail


def test_an_offer_that_lacks_nothing_is_read() -> None:
    offer = publish()
    assert (offer.ufrag, offer.fingerprints) == ("theirs", (("sha-256", PRINT),))
    sound, picture = offer.tracks
    assert [(track.slot, track.kind, track.mid) for track in offer.tracks] == [
        (Slot.MAIN, "audio", "a"),
        (Slot.MAIN, "video", "v"),
    ]
    assert [list(track.codecs) for track in (sound, picture)] == [["OPUS"], ["H264"]]
    assert picture.codecs["H264"].payload_type == 102
    assert [track.mid_extension for track in (sound, picture)] == [None, 5]


LACKING = {
    "ufrag": ("a=ice-ufrag:theirs", 400, "ice-ufrag and ice-pwd are missing"),
    "pwd": ("a=ice-pwd:0123456789012345678901", 400, "ice-ufrag and ice-pwd are missing"),
    "fingerprint": (f"a=fingerprint:sha-256 {PRINT}", 400, "a SHA-2 fingerprint is missing"),
    "setup": ("a=setup:actpass", 422, "offer a=setup:actpass or active"),
    "mux": ("a=rtcp-mux", 422, "a=rtcp-mux is needed in every section"),
    "bundle": ("a=group:BUNDLE a v", 422, "every section belongs to one BUNDLE group"),
}


@pytest.mark.parametrize(("line", "status", "why"), LACKING.values(), ids=LACKING.keys())
def test_what_lacks_is_named(line: str, status: int, why: str) -> None:
    found = refusal(without(line))
    assert found[0] == status
    assert found[1].startswith(why)


@pytest.mark.parametrize(
    ("text", "status", "why"),
    [
        (changed("sha-256", "sha-1"), 400, "a SHA-2 fingerprint"),
        (changed("ufrag:theirs", "ufrag:" + "u" * 257), 400, "ice-ufrag"),
        (changed("setup:actpass", "setup:passive"), 422, "offer a=setup"),
        (HEAD + SOUND + TRANSPORT + PICTURE + without("a=rtcp-mux", TRANSPORT), 422, "a=rtcp-mux"),
        (changed("m=audio 9", "m=audio 0"), 422, "a section with port 0 is no offer"),
        (changed("BUNDLE a v", "BUNDLE a"), 422, "every section"),
        (changed("BUNDLE a v", "LS a v"), 422, "every section"),
        (changed("a=mid:v", "a=mid:a"), 422, "every section"),
        (changed("a=sendonly", "a=recvonly"), 422, "a section is recvonly, not sendonly"),
        (changed("a=sendonly", "a=inactive"), 422, "a section is inactive"),
        (OFFER + SOUND, 422, "one audio and one video section at most"),
        (changed("m=audio", "m=application"), 422, "m=application is not supported"),
        (changed("m=audio", "m=" + "x" * 20), 422, "m=" + "x" * 16 + " is not supported"),
        (changed("48000", "44100"), 422, "no audio codec that we forward: OPUS"),
        (changed("opus", "PCMA"), 422, "no audio codec"),
        (changed("H264", "AV1", changed("VP8", "VP9")), 422, "no video codec that we forward"),
        (changed("opus/48000", "opus/x"), 400, "not a session description: rtpmap"),
        ("v=1", 400, "not a session description: the first line"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(text: str, status: int, why: str) -> None:
    found = refusal(text)
    assert found[0] == status
    assert found[1].startswith(why)


@pytest.mark.parametrize(
    "text",
    [
        changed("sha-256", "SHA-512"),
        changed("ufrag:theirs", "ufrag:" + "u" * 256),
        changed("setup:actpass", "setup:active"),
        changed("m=audio 9", "m=audio 0", changed("a=mid:a", "a=mid:a\na=bundle-only")),
        changed("BUNDLE a v", "BUNDLE v a more"),
        changed("a=group", "a=group:LS x\na=group"),
        changed("a=sendonly", "a=sendrecv"),
        without("a=sendonly"),
        HEAD + without("a=rtcp-mux", TRANSPORT) + SOUND + MUX + PICTURE + MUX,
        without("a=group:BUNDLE a v", HEAD) + PICTURE + TRANSPORT,
    ],
)  # fmt: skip
def test_what_is_said_otherwise_is_taken(text: str) -> None:
    assert [track.kind for track in publish(text).tracks][-1] == "video"


def test_a_slot_takes_its_own_media() -> None:
    picture = HEAD + PICTURE + TRANSPORT
    assert publish(picture, Slot.SCREEN).tracks[0].slot is Slot.SCREEN
    assert refusal(HEAD + SOUND + TRANSPORT, Slot.SCREEN) == (422, "slot screen takes no audio")


@pytest.mark.parametrize(
    ("feedback", "sound_too", "ids"),
    [
        ("a=rtcp-fb:102 transport-cc", True, [(None, 4), (None, 4)]),
        ("a=rtcp-fb:102 transport-cc", False, [(None, None), (None, 4)]),
        ("a=rtcp-fb:96 transport-cc", True, [(3, None), (3, None)]),
        ("a=rtcp-fb:102 goog-remb", True, [(3, None), (3, None)]),
    ],
)
def test_the_picture_decides_the_feedback(
    feedback: str, sound_too: bool, ids: list[tuple[int | None, int | None]]
) -> None:
    text = changed("a=rtcp-fb:102 nack", f"a=rtcp-fb:102 nack\n{feedback}")
    if not sound_too:
        head, sound, rest = text.partition(SOUND)
        other = sound.replace("a=extmap:4 ", "a=extmap:6 ")
        text = head + other + rest
    found = publish(text).tracks
    assert [(track.send_time, track.transport_wide) for track in found] == ids


def test_a_section_without_a_name_is_not_named_in_packets() -> None:
    text = without("a=group:BUNDLE a v", HEAD) + without("a=mid:v", PICTURE) + TRANSPORT
    (track,) = publish(text).tracks
    assert (track.mid, track.mid_extension) == ("", None)


@pytest.mark.parametrize(
    ("profiles", "chosen"),
    [
        (("4d001f", "42e01f"), 1),
        (("42001f", "42c01f"), 1),
        (("4d001f", "42001f"), 1),
        (("640028", "4d001f"), 1),
        (("42E01F", "42e01f"), 0),
        (("640028", "640029"), 0),
        (("", "640029"), 0),  # baseline is what nothing said means
    ],
)
def test_the_simplest_profile_is_chosen(profiles: tuple[str, str], chosen: int) -> None:
    lines = ["m=video 9 UDP/TLS/RTP/SAVPF 100 101", "a=sendonly"]
    for number, profile in enumerate(profiles, 100):
        said = f";profile-level-id={profile}" if profile else ""
        lines += [f"a=rtpmap:{number} H264/90000", f"a=fmtp:{number} packetization-mode=1{said}"]
    (track,) = publish("v=0\n" + "\n".join(lines) + "\n" + TRANSPORT).tracks
    assert track.codecs["H264"].payload_type == 100 + chosen


@pytest.mark.parametrize("mode", ["packetization-mode=0", "x=y"])
def test_h264_that_fits_no_packet_is_passed_over(mode: str) -> None:
    (_sound, picture) = publish(changed("packetization-mode=1", mode)).tracks
    assert list(picture.codecs) == ["VP8"]


def test_a_viewer_receives_in_the_main_slot_or_in_all() -> None:
    plain = changed("a=sendonly", "a=recvonly")
    offer = read_view_offer(plain, multi_slot=False)
    assert [(track.slot, track.kind) for track in offer.tracks] == [
        (Slot.MAIN, "audio"),
        (Slot.MAIN, "video"),
    ]
    assert [list(track.codecs) for track in offer.tracks] == [["OPUS"], ["H264", "VP8"]]
    assert [track.send_time for track in offer.tracks] == [None, None]
    for text, multi_slot, why in (
        (OFFER, False, "a section is sendonly, not recvonly or sendrecv"),
        (plain + SOUND.replace("sendonly", "recvonly"), False, "one audio and one video"),
        (plain, True, "a multi-slot offer has audio, video, video, audio, video"),
    ):
        with pytest.raises(OfferRefused, match=why):
            read_view_offer(text, multi_slot)
