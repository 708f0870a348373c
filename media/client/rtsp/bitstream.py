"""What a demuxer gives of H.264, brought into Annex B form (ITU-T H.264 annex B)."""

from collections.abc import Callable
from typing import Any

import av


def annexb_of(stream: Any) -> tuple[Callable[[Any], list[Any]], bytes]:
    """Return what makes Annex B of a stream's packets, and the parameter sets of its description.

    A stream that carries lengths instead of start codes (avcC, ISO 14496-15) has its sets put
    before its keyframes by the filter: then there are none to return.
    """
    extradata = bytes(stream.codec_context.extradata or b"")
    if extradata[:1] == b"\x01":
        return av.bitstream.BitStreamFilterContext("h264_mp4toannexb", stream).filter, b""
    return (lambda packet: [packet]), extradata
