import pytest

from media.packets.sdp import SdpError, parse_sdp
from tests.support.offer import Credentials, read_answer, write_offer

ANSWER = "\r\n".join(
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=fingerprint:SHA-256 AA:BB",
        "m=audio 5000 UDP/TLS/RTP/SAVPF 111",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:efgh",
        "a=ssrc:17 cname:main",
        "a=candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype passive",
        "a=candidate:2 1 udp 2 192.0.2.2 5000 typ host",
        "m=video 5000 UDP/TLS/RTP/SAVPF 102",
        "",
    ]
)


def test_an_offer_has_a_bundled_section_for_each_kind() -> None:
    offer = parse_sdp(write_offer(("audio", "video"), "recvonly", Credentials("u", "p"), "AA"))
    assert [section.kind for section in offer.sections] == ["audio", "video"]
    assert offer.attributes["group"] == ["BUNDLE 0 1"]
    assert [section.codecs()[0].name for section in offer.sections] == ["OPUS", "H264"]


def test_the_codecs_of_the_pictures_are_offered_in_their_order() -> None:
    mine = Credentials("u", "p")
    offer = parse_sdp(write_offer(("video",), "recvonly", mine, "AA", ("VP8", "H264")))
    codecs = offer.sections[0].codecs()
    assert [(codec.name, codec.payload_type) for codec in codecs] == [("VP8", 96), ("H264", 102)]
    assert all("nack pli" in codec.feedback for codec in codecs)


def test_the_udp_candidate_the_credentials_and_the_streams_of_an_answer_are_read() -> None:
    answer = read_answer(ANSWER)
    assert (answer.ufrag, answer.pwd) == ("abcd", "efgh")
    assert (answer.host, answer.port, answer.ssrcs) == ("192.0.2.2", 5000, (17, 0))
    assert answer.fingerprints == (("sha-256", "AA:BB"),)


@pytest.mark.parametrize("lack", ["a=ice-pwd", "a=fingerprint", "a=candidate:2"])
def test_an_answer_without_the_means_to_connect_is_refused(lack: str) -> None:
    lines = [line for line in ANSWER.split("\r\n") if not line.startswith(lack)]
    with pytest.raises(SdpError):
        read_answer("\r\n".join(lines))
