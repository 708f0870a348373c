"""Secrets that the database keeps for somebody else, sealed: a copy of it opens nothing.

AES-SIV (RFC 5297) under a key that lies beside the database, not in it. The same text of the same
owner gives the same seal, so that an import that changes nothing is seen to change nothing; a seal
moved to another owner does not open.
"""

import base64
import binascii
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

KEY_BYTES = 64
"""AES-256 twice: RFC 5297 uses one half to authenticate and one to encrypt."""

MARK = "siv1:"


class SealError(Exception):
    """a stored secret does not open with the key of this installation; never says what it holds"""


class Seal:
    """Closes and opens secrets. `owner` names whose it is, e.g. a room's code; "" stays ""."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a sealing key has {KEY_BYTES} bytes, not {len(key)}")
        self._cipher = AESSIV(key)

    def close(self, text: str, owner: str) -> str:
        """Return `text` as it may be stored."""
        if not text:
            return ""
        sealed = self._cipher.encrypt(text.encode(), [owner.encode()])
        return MARK + base64.urlsafe_b64encode(sealed).decode("ascii")

    def open(self, stored: str, owner: str) -> str:
        """Return the text that was closed for `owner`; raise SealError."""
        if not stored:
            return ""
        if not is_sealed(stored):
            raise SealError("this is not sealed")
        try:
            sealed = base64.urlsafe_b64decode(stored.removeprefix(MARK))
            return self._cipher.decrypt(sealed, [owner.encode()]).decode()
        except (InvalidTag, ValueError, binascii.Error):
            raise SealError("the seal does not open: another key, or another owner's") from None


def is_sealed(stored: str) -> bool:
    """Whether a stored text went through `Seal.close`."""
    return stored.startswith(MARK)


def shown(address: str) -> str:
    """Return a recording host's address for people to read: no user, password, path or query."""
    if not address:
        return ""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
