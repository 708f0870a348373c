"""What the relay must know of a codec without decoding it: where a keyframe begins."""

from collections.abc import Callable

H264_IDR, H264_SPS, H264_STAP_A, H264_FU_A = 5, 7, 24, 28


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
    """Tell whether a VP8 payload begins a keyframe (RFC 7741 section 4.2 and 4.3)."""
    if len(payload) < 2:
        return False
    start_of_partition, partition = payload[0] & 0x10, payload[0] & 0x07
    if not start_of_partition or partition:
        return False
    at = 1
    if payload[0] & 0x80:  # X: extension octets follow
        flags = payload[1]
        at = 2
        if flags & 0x80 and at < len(payload):  # I: picture id of one or two octets
            at += 2 if payload[at] & 0x80 else 1
        at += bool(flags & 0x40)  # L
        at += bool(flags & 0x30)  # T or K
    return at < len(payload) and not payload[at] & 0x01


def never(_payload: bytes) -> bool:
    """Audio has no keyframes; each packet stands alone."""
    return False


KEYFRAME: dict[str, Callable[[bytes], bool]] = {"H264": h264_keyframe, "VP8": vp8_keyframe}
