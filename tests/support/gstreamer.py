"""Debian's simple-whip-client, made to run: GStreamer's webrtcbin as a WHIP publisher.

The package of Debian 12 aborts at its start: the client holds libsoup 2, and the library for UPnP
that GStreamer's ICE brings along holds libsoup 3. Nobody here wants UPnP, so a library of five
empty functions stands in for it, and only the plugins that the client asks for are loaded.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from media.client.session.address import StageAddress

EMPTY = "\n".join(
    f"void *gupnp_simple_igd_{name}(void) {{ return 0; }}"
    for name in ("get_type", "thread_new", "add_port", "remove_port", "remove_port_local")
)
STAND_IN = "libgupnp-igd-1.0.so.4"
PLUGINS = (
    *("coreelements", "audiotestsrc", "videotestsrc", "audioconvert", "audioresample", "opus"),
    *("videoconvertscale", "x264", "vpx", "rtp", "rtpmanager", "nice", "dtls", "srtp", "webrtc"),
)
VIDEO = (
    "videotestsrc is-live=true pattern=ball ! videoconvert ! queue"
    " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30"
    " ! video/x-h264,profile=constrained-baseline ! rtph264pay pt=96 config-interval=1 ! queue"
    " ! application/x-rtp,media=video,encoding-name=H264,payload=96"
)
AUDIO = (
    "audiotestsrc is-live=true wave=sine freq=440 ! audioconvert ! audioresample ! queue"
    " ! opusenc ! rtpopuspay pt=100 ! queue"
    " ! application/x-rtp,media=audio,encoding-name=OPUS,payload=100"
)


def what_lacks() -> str:
    """Return why the client cannot run here, or nothing."""
    if not shutil.which("whip-client"):
        return "no whip-client here (Debian's package simple-whip-client)"
    found = {path.stem for path in Path("/usr/lib").glob("*/gstreamer-1.0/*.so")}
    if absent := [name for name in PLUGINS if f"libgst{name}" not in found]:
        return f"no GStreamer plugins {', '.join(absent)} (simple-whip-client depends on them)"
    return "" if shutil.which("cc") else "no C compiler for the stand-in of libgupnp-igd"


def own_address() -> str:
    """Return this machine's address: the client's ICE ignores the loopback interface."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])


def prepare(folder: Path) -> dict[str, str]:
    """Write the stand-in and the choice of plugins; return the client's environment."""
    source, plugins = folder / "empty.c", folder / "plugins"
    source.write_text(EMPTY)
    soname = f"-Wl,-soname,{STAND_IN}"
    cc = ["cc", "-shared", "-fPIC", soname, "-o", str(folder / STAND_IN), str(source)]
    subprocess.run(cc, check=True, capture_output=True)
    plugins.mkdir()
    (found,) = Path("/usr/lib").glob("*/gstreamer-1.0/libgstwebrtc.so")
    for name in PLUGINS:
        (plugins / f"libgst{name}.so").symlink_to(found.with_name(f"libgst{name}.so"))
    return {
        **os.environ,
        "LD_LIBRARY_PATH": str(folder),
        "GST_PLUGIN_SYSTEM_PATH_1_0": str(plugins),
        "GST_REGISTRY_1_0": str(folder / "registry"),
    }


@asynccontextmanager
async def whip_client(place: StageAddress, folder: Path) -> AsyncIterator[Path]:
    """Publish until the end of the block, then stop as Ctrl-C does; give the log's file."""
    log = folder / "whip-client.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *("whip-client", "-u", f"{place.node}/whip/{place.stage}", "-t", place.ticket),
            *("-A", AUDIO, "-V", VIDEO, "-l", "7", "-o"),
            env=prepare(folder),
            stdout=output,
            stderr=output,
        )
    try:
        yield log
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.wait(), 10)
