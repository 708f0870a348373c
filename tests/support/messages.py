"""Every text in the sources that people read, for comparing with the catalogues."""

from pathlib import Path

from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).parents[2]
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
PLACES = ("web", "scheduler")


def texts() -> dict[str, str]:
    """Return every msgid with the place where it was found first."""
    found: dict[str, str] = {}
    for place in PLACES:
        for file, line, message, _comments, _context in extract_from_dir(
            ROOT / place, method_map=METHODS, keywords=KEYWORDS
        ):
            words = message if isinstance(message, str) else message[0]
            found.setdefault(words, f"{place}/{file}:{line}")
    return found
