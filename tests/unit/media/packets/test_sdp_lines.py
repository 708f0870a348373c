"""Session descriptions line by line: what is read of each, and the bound of each."""

import pytest

from media.packets.sdp import (
    Codec,
    SdpError,
    Section,
    parse_sdp,
)

MEDIA = "m=video 9 UDP/TLS/RTP/SAVPF 96"


def section(*attributes: str, formats: str = "96") -> Section:
    lines = ("v=0", f"m=video 9 UDP/TLS/RTP/SAVPF {formats}", *(f"a={one}" for one in attributes))
    (found,) = parse_sdp("\n".join(lines)).sections
    return found


def refusal(text: str) -> str:
    with pytest.raises(SdpError) as refused:
        parse_sdp(text)
    return str(refused.value)


def test_attributes_belong_to_the_session_until_the_first_section() -> None:
    text = "v=0\r\na=ice-lite\r\na=x:1\r\n\r\n" + MEDIA + "\r\na=x:2\r\na=x:3 4:5\r\nc=IN\r\n"
    found = parse_sdp(text + "m=audio 0 RTP 1\r\na=y\r\n")
    assert found.attributes == {"ice-lite": [""], "x": ["1"]}
    video, audio = found.sections
    assert video == Section("video", 9, ("96",), {"x": ["2", "3 4:5"]})
    assert audio == Section("audio", 0, ("1",), {"y": [""]})
    assert (video.first("x"), video.first("y")) == ("2", None)
    assert [found.effective(one, "x") for one in (video, audio)] == ["2", "1"]
    assert found.effective(audio, "y") == ""
    assert found.effective(audio, "z") is None


@pytest.mark.parametrize(
    ("attributes", "direction"),
    [((), "sendrecv"), (("recvonly",), "recvonly"), (("sendonly",), "sendonly"),
     (("inactive",), "inactive"), (("sendrecv", "inactive"), "sendrecv")],
)  # fmt: skip
def test_a_section_sends_and_receives_unless_it_says_so(
    attributes: tuple[str, ...], direction: str
) -> None:
    assert section(*attributes).direction == direction


def test_a_section_may_have_no_name() -> None:
    assert (section().mid, section("mid:v1", "mid:v2").mid) == ("", "v1")


@pytest.mark.parametrize(
    ("value", "number"),
    [("1 urn:x", 1), ("14 urn:x", 14), ("3/sendonly urn:x more", 3), ("0 urn:x", None),
     ("15 urn:x", None), ("x urn:x", None), ("3", None), ("3 urn:y", None), ("3 urn:xy", None),
     ("\u00b3 urn:x", None)],
)  # fmt: skip
def test_an_extension_has_an_id_that_fits_one_octet(value: str, number: int | None) -> None:
    assert section(f"extmap:{value}").extension_id("urn:x") == number


def test_the_first_id_that_fits_is_taken() -> None:
    assert section("extmap:99 urn:x", "extmap:4 urn:x", "extmap:5 urn:x").extension_id("urn:x") == 4


def test_codecs_stand_in_the_order_of_the_formats() -> None:
    found = section(
        "rtpmap:111 opus/48000/2",
        "rtpmap:96 vp8/90000",
        "rtpmap:97",
        "fmtp:111 minptime=10; UseInbandFEC = 1 ;flag;;",
        "fmtp:111 a=b=c",
        "fmtp:960 not=ours",
        "rtcp-fb:96 nack",
        "rtcp-fb:96 nack pli",
        "rtcp-fb:* ccm fir",
        formats="96 97 98 111",
    )
    assert found.codecs() == [
        Codec(96, "VP8", 90_000, 1, {}, ("nack", "nack pli")),
        Codec(
            *(111, "OPUS", 48_000, 2),
            {"minptime": "10", "useinbandfec": "1", "flag": "", "a": "b=c"},
            (),
        ),
    ]


@pytest.mark.parametrize(
    ("rtpmap", "channels"),
    [("x/8000", 1), ("x/8000/", 1), ("x/8000/1", 1), ("x/8000/6", 6), ("x/8000/0", 1),
     ("x/8000/many", 1)],
)  # fmt: skip
def test_a_codec_has_one_channel_unless_it_says_so(rtpmap: str, channels: int) -> None:
    assert section(f"rtpmap:96 {rtpmap}").codecs() == [Codec(96, "X", 8000, channels, {}, ())]


@pytest.mark.parametrize(
    ("name", "rtpmap", "refused"),
    [("127", "x/1", False), ("128", "x/1", True), ("0", "x/1", False),
     ("96", "x/9999999999", False), ("96", "x/10000000000", True), ("96", "x/", True),
     ("96", "x", True), ("96", "x/-1", True), ("x", "x/1", True), ("\u00b2", "x/1", True)],
)  # fmt: skip
def test_payload_types_and_rates_are_plain_numbers(name: str, rtpmap: str, refused: bool) -> None:
    found = section(f"rtpmap:{name} {rtpmap}", formats=name)
    if refused:
        with pytest.raises(SdpError, match=f"^rtpmap of payload type '{name}'$"):
            found.codecs()
    else:
        assert [codec.payload_type for codec in found.codecs()] == [int(name)]


def test_a_refusal_repeats_no_more_than_eight_characters() -> None:
    with pytest.raises(SdpError, match=r"^rtpmap of payload type '12345678'\Z"):
        section("rtpmap:123456789 x/1", formats="123456789").codecs()


@pytest.mark.parametrize(
    ("line", "fits"),
    [("m=video 0 x 96", True), ("m=video 65535 x 96", True), ("m=video 65536 x 96", False),
     ("m=video 9 x", False), ("m=video 9", False), ("m=", False), ("m=video -1 x 96", False)],
)  # fmt: skip
def test_a_section_has_a_port_and_a_format(line: str, fits: bool) -> None:
    if fits:
        assert len(parse_sdp(f"v=0\n{line}").sections) == 1
    else:
        assert refusal(f"v=0\n{line}") == "line 2 is not a media description"


def test_a_section_has_128_formats_at_most() -> None:
    longest = "v=0\nm=video 9 x " + " ".join(map(str, range(128)))
    assert len(parse_sdp(longest).sections[0].formats) == 128
    assert refusal(longest + " 128").startswith("line 2 names more formats")


def test_a_description_has_twelve_sections_at_most() -> None:
    assert len(parse_sdp("v=0\n" + f"{MEDIA}\n" * 12).sections) == 12
    assert refusal("v=0\n" + f"{MEDIA}\n" * 13) == "too many m= sections"


def test_a_description_has_64_kibibytes_at_most() -> None:
    start = f"v=0\n{MEDIA}\na="
    longest = start + "x" * (65_536 - len(start))
    assert len(parse_sdp(longest).sections) == 1
    assert refusal(longest + "x") == "longer than a description may be"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the first line is not v=0"),
        ("v=1\n", "the first line is not v=0"),
        (f"\nv=0\n{MEDIA}", "the first line is not v=0"),
        ("v=0", "there is no m= section"),
        (f"v=0\n{MEDIA}\nab", "line 3 is not of the form x=..."),
        (f"v=0\n{MEDIA}\n\na", "line 4 is not of the form x=..."),
        (f"v=0\n{MEDIA}\na=x\ra=y", "line 3 holds a control character"),
        (f"v=0\n{MEDIA}\na=\x1f", "line 3 holds a control character"),
        (f"v=0\x00\n{MEDIA}", "line 1 holds a control character"),
    ],
)
def test_the_line_that_cannot_be_read_is_named(text: str, why: str) -> None:
    assert refusal(text) == why


def test_tabs_and_other_letters_are_read() -> None:
    assert section("x:a\tb\u00a0\u8bfe\x7f").first("x") == "a\tb\u00a0\u8bfe\x7f"
    assert parse_sdp(f"v=0 \n{MEDIA}\na=\n  \n").sections[0].attributes == {"": [""]}
