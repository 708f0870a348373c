"""Packet arithmetic: demultiplexing, STUN, RTP, RTCP, codecs, SDP. Pure."""
