"""Fragments of a WHIP PATCH: credentials, candidates, and the bound of each."""

import pytest

from media.packets.sdp import SdpError, SdpFragment, SeveralTransports, parse_fragment

UFRAG, PWD = "abcd", "0123456789012345678901"
MEDIA = "m=video 9 UDP/TLS/RTP/SAVPF 96"
CREDENTIALS = f"a=ice-ufrag:{UFRAG}\na=ice-pwd:{PWD}"


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        (CREDENTIALS, SdpFragment(UFRAG, PWD, ())),
        (f"{CREDENTIALS}\n\n{MEDIA}\na=mid:0\n{CREDENTIALS}", SdpFragment(UFRAG, PWD, ())),
        ("a=candidate:1 1 udp", SdpFragment(None, None, ("1 1 udp",))),
        ("a=end-of-candidates", SdpFragment(None, None, ("",))),
        ("a=\na=candidate:1\na=", SdpFragment(None, None, ("1",))),
        (f"{CREDENTIALS}\na=candidate:1\na=candidate:2\nv=0\no=x\ns=-\nt=0 0\ng=x",
         SdpFragment(UFRAG, PWD, ("1", "2"))),
        ("a=candidate:1\no=candidate:2\nm=ice-ufrag:x", SdpFragment(None, None, ("1",))),
    ],
)  # fmt: skip
def test_a_fragment_is_credentials_or_candidates_or_both(text: str, fragment: SdpFragment) -> None:
    assert parse_fragment(text) == fragment


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "neither credentials nor candidates"),
        ("a=mid:0", "neither credentials nor candidates"),
        (f"a=ice-pwd:{PWD}", "neither credentials nor candidates"),
        (f"a=ice-ufrag:{UFRAG}", "ice-ufrag and ice-pwd come together"),
        (f"a=ice-pwd:{PWD}\na=candidate:1", "ice-ufrag and ice-pwd come together"),
        ("a=candidate:1\nb=x", "line 2 is not of the form x=..."),
        ("a=candidate:1\na", "line 2 is not of the form x=..."),
        ("a=candidate:1\nab", "line 2 is not of the form x=..."),
        ("a=candidate:1\n\x01", "line 2 holds a control character"),
    ],
)
def test_half_a_fragment_is_refused(text: str, why: str) -> None:
    with pytest.raises(SdpError) as refused:
        parse_fragment(text)
    assert str(refused.value) == why


@pytest.mark.parametrize("other", [f"a=ice-ufrag:{UFRAG}x", f"a=ice-pwd:{PWD}x"])
def test_two_credentials_are_two_transports(other: str) -> None:
    with pytest.raises(SeveralTransports):
        parse_fragment(f"{CREDENTIALS}\n{other}")


@pytest.mark.parametrize(
    ("ufrag", "pwd", "fits"),
    [("a" * 4, "b" * 22, True), ("a" * 3, "b" * 22, False), ("a" * 4, "b" * 21, False),
     ("a" * 256, "b" * 256, True), ("a" * 257, "b" * 22, False), ("a" * 4, "b" * 257, False),
     ("ab+/", "b" * 20 + "+/", True), ("ab-d", "b" * 22, False), ("abcd", "b" * 21 + "=", False)],
)  # fmt: skip
def test_credentials_have_the_letters_and_lengths_of_ice(ufrag: str, pwd: str, fits: bool) -> None:
    text = f"a=ice-ufrag:{ufrag}\na=ice-pwd:{pwd}"
    if fits:
        assert parse_fragment(text) == SdpFragment(ufrag, pwd, ())
    else:
        with pytest.raises(SdpError, match="ICE characters"):
            parse_fragment(text)


def test_a_fragment_has_64_kibibytes_at_most() -> None:
    start = f"{CREDENTIALS}\na="
    longest = start + "x" * (65_536 - len(start))
    assert parse_fragment(longest) == SdpFragment(UFRAG, PWD, ())
    with pytest.raises(SdpError, match="longer than a fragment"):
        parse_fragment(longest + "x")
