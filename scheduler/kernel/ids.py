"""Identifiers. Every id is 16 lower-case hexadecimal digits from a CSPRNG."""

import secrets

ID = "[0-9a-f]{16}"
"""What every id matches, as a regular expression."""


def new_id() -> str:
    """Return a fresh id; 64 random bits are unguessable enough for a name, never for a secret."""
    return secrets.token_hex(8)
