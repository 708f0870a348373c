"""What text from outside may be stored. Pure."""

import unicodedata


def is_plain(text: str) -> bool:
    """Tell whether a text holds no control characters (PostgreSQL stores no NUL) or surrogates."""
    return not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text)
