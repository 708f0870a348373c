"""What the relay must know of a codec without decoding it: where a keyframe begins."""

from collections.abc import Callable

from media.packets.vp8 import read_descriptor

H264_IDR, H264_SPS, H264_STAP_A, H264_FU_A = 5, 7, 24, 28
INTER_FRAME = 0x01


def h264_keyframe(payload: bytes) -> bool:
    """Tell whether an H.264 payload begins a keyframe (RFC 6184): parameter sets or an IDR."""
    if not payload:
        return False
    kind = payload[0] & 0x1F
    if kind in (H264_IDR, H264_SPS):
        return True
    if kind == H264_STAP_A:
        return _stap_has_keyframe(payload)
    if kind == H264_FU_A and len(payload) > 1:
        return bool(payload[1] & 0x80) and payload[1] & 0x1F == H264_IDR
    return False


def _stap_has_keyframe(payload: bytes) -> bool:
    at = 1
    while at + 2 < len(payload):
        size = int.from_bytes(payload[at : at + 2], "big")
        if payload[at + 2] & 0x1F in (H264_IDR, H264_SPS):
            return True
        at += 2 + size
    return False


def vp8_keyframe(payload: bytes) -> bool:
    """Tell whether a VP8 payload begins a keyframe (RFC 7741 section 4.3: the P bit is clear)."""
    found = read_descriptor(payload)
    if found is None or not found.begins or found.end >= len(payload):
        return False
    return not payload[found.end] & INTER_FRAME


def never(_payload: bytes) -> bool:
    """Audio has no keyframes; each packet stands alone."""
    return False


KEYFRAME: dict[str, Callable[[bytes], bool]] = {"H264": h264_keyframe, "VP8": vp8_keyframe}
