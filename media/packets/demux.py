"""Tell apart what arrives on one UDP port by its first bytes (RFC 7983, RFC 5761)."""

STUN, DTLS, RTP, RTCP, OTHER = "stun", "dtls", "rtp", "rtcp", "other"


def is_rtp(first: int, second: int) -> bool:
    """Tell RTP from everything else by the first two octets."""
    return 128 <= first <= 191 and not 192 <= second <= 223


def is_rtcp(packet: bytes) -> bool:
    """Tell RTCP from RTP: packet types 192 to 223 (RFC 5761 section 4)."""
    return len(packet) > 1 and 192 <= packet[1] <= 223


def classify(packet: bytes) -> str:
    """Return the protocol of a datagram; OTHER for what belongs to none of them."""
    if not packet:
        return OTHER
    first = packet[0]
    if first < 4:
        return STUN
    if 20 <= first <= 63:
        return DTLS
    if 128 <= first <= 191:
        return RTCP if is_rtcp(packet) else RTP
    return OTHER
