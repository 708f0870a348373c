"""FFmpeg's own WHIP muxer, through PyAV, publishes to a node as it would to any other server.

Left alone it offers to be the DTLS server, and (as PyAV's wheel is built) shows a certificate on
the curve P-224, which OpenSSL 4 refuses ("wrong curve"): so it gets a flag and a certificate.
"""

import asyncio
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import av
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from media.client.clip.clip import VARIANTS, clip_path
from media.client.clip.picture import RATE
from media.client.session.address import StageAddress
from media.client.session.viewer import Viewer
from media.clock import wall
from tests.support.clips import clip, clip_folder
from tests.support.relay import RelayProcess
from tests.support.waiting import until, within

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif("whip" not in av.formats_available, reason="this PyAV has no whip muxer"),
]


def write_certificate(folder: Path) -> dict[str, str]:
    """Write a P-256 key and a certificate for it; return the muxer's options for them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ffmpeg")])
    now = datetime.fromtimestamp(wall(), tz=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=2))
    certificate = builder.sign(key, hashes.SHA256())
    paths = {"cert_file": folder / "certificate.pem", "key_file": folder / "key.pem"}
    paths["cert_file"].write_bytes(certificate.public_bytes(Encoding.PEM))
    plain = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    paths["key_file"].write_bytes(key.private_bytes(*plain))
    return {option: str(path) for option, path in paths.items()}


def publish_with_ffmpeg(
    place: StageAddress, certificate: Mapping[str, str], stop: threading.Event
) -> None:
    """Mux the clip into WHIP at its own pace until `stop`. Runs in a thread of its own."""
    url = f"{place.node}/whip/{place.stage}"
    options = {"authorization": place.ticket, "whip_flags": "dtls_active", **certificate}
    source = av.open(str(clip_path(clip_folder(), VARIANTS["blue"])))
    with source, av.open(url, "w", format="whip", options=options) as sink:
        streams = {stream.index: sink.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is None or stop.is_set():
                continue
            pictured = packet.stream.type == "video"
            packet.stream = streams[packet.stream_index]
            sink.mux(packet)
            if pictured:
                stop.wait(1 / RATE)


async def test_the_muxer_left_alone_is_refused_at_once_with_a_sentence(
    relay: RelayProcess, client_http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """It would be the DTLS server, as we are."""
    clip()
    place = relay.publish_place("l1")
    options = {"authorization": place.ticket, **write_certificate(tmp_path)}

    def try_to_publish() -> None:
        url = f"{place.node}/whip/{place.stage}"
        source = av.open(str(clip_path(clip_folder(), VARIANTS["blue"])))
        with source, av.open(url, "w", format="whip", options=options) as sink:
            for stream in source.streams:
                sink.add_stream_from_template(stream)
            sink.start_encoding()

    async with within(5, "a refusal"):
        with pytest.raises(av.error.HTTPClientError):
            await asyncio.to_thread(try_to_publish)
    assert (await relay.control(client_http, "GET", "/stages"))["stages"] == {}


async def test_the_whip_muxer_of_ffmpeg_publishes_a_lesson(
    relay: RelayProcess, client_http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    clip()
    place = relay.publish_place("l1")
    stop = threading.Event()
    publishing = asyncio.create_task(
        asyncio.to_thread(publish_with_ffmpeg, place, write_certificate(tmp_path), stop)
    )
    viewer = Viewer(client_http, relay.view_place("l1"))
    await viewer.start()
    try:
        await until(lambda: viewer.video.changed > 60, 15, "60 changing pictures")
        assert viewer.audio.tone_share(440) > 0.8
    finally:
        stop.set()
        await publishing
        await viewer.close()
