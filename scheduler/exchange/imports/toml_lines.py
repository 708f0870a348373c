"""Where a value stands in a TOML file: tomllib forgets the lines. Pure.

Only headers and keys at the start of a line are found; that is how import files are written. A
value within something else (an inline table, say) is named by the line it begins on.
"""

import re
from dataclasses import dataclass

_HEADER = re.compile(r"^\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]?\]")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+|\"[^\"]+\")\s*=")
_ITEM = re.compile(r"^\s*\{")
_LONG = re.compile(r'"""|\'\'\'')


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    table: str  # e.g. "room"; "" before the first header
    index: int  # the how-manieth table of this name, from 0
    key: str
    item: int  # the how-manieth inline table of a list that spans lines, -1 for none


class LineMap:
    """Finds lines by the path that validation uses, e.g. ("room", 3, "kind")."""

    def __init__(self, text: str) -> None:
        self._first: dict[tuple[str, int, str, int], int] = {}
        for line in _scan(text):
            self._first.setdefault((line.table, line.index, line.key, line.item), line.number)

    def find(self, path: tuple[str | int, ...]) -> int:
        """Return the line of a path, else of what holds it, else 1."""
        table, rest = (str(path[0]), path[1:]) if path else ("", ())
        index = 0
        if rest and isinstance(rest[0], int):
            index, rest = rest[0], rest[1:]
        key = str(rest[0]) if rest else ""
        item = rest[1] if len(rest) > 1 and isinstance(rest[1], int) else -1
        places = ((table, index, key, item), (table, index, key, -1), (table, index, "", -1))
        top = ("", 0, table, -1)  # a key above every header, such as a misplaced one
        return next((self._first[p] for p in (*places, top) if p in self._first), 1)


def syntax_line(message: str) -> int:
    """Return the line that tomllib names in the message of its error, 1 when it names none."""
    found = re.search(r"at line (\d+)", message)
    return int(found.group(1)) if found else 1


def _scan(text: str) -> list[_Line]:
    found: list[_Line] = []
    seen: dict[str, int] = {}
    table, key, item, inside = "", "", -1, False
    for number, line in enumerate(text.splitlines(), 1):
        starts_inside = inside
        if len(_LONG.findall(line)) % 2:
            inside = not inside
        if starts_inside:
            continue  # within a text of several lines nothing is a header or a key
        if header := _HEADER.match(line):
            table, key, item = header.group(1), "", -1
            seen[table] = seen.get(table, -1) + 1
        elif named := _KEY.match(line):
            key, item = named.group(1).strip('"'), -1
        elif _ITEM.match(line):
            item += 1
        else:
            continue
        found.append(_Line(number, table, seen.get(table, 0), key, item))
    return found
