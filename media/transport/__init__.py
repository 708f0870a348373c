"""Sockets and keys: one UDP port, ICE-lite, DTLS-SRTP."""
