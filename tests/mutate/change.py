"""A small wrong change to a source file, and how it is written into the text."""

import ast
from dataclasses import dataclass

SHOWN = 70
"""Characters of a piece of source in a report line."""


@dataclass(frozen=True, slots=True)
class Change:
    """Octets `begin` to `end` of the file (UTF-8) become `after`; `line` counts from 1."""

    line: int
    begin: int
    end: int
    before: str
    after: str

    def apply(self, source: str) -> str:
        """Return the source with this change in it."""
        octets = source.encode()
        return (octets[: self.begin] + self.after.encode() + octets[self.end :]).decode()

    def __str__(self) -> str:
        return f"{self.line}: {_short(self.before)} -> {_short(self.after)}"


class Places:
    """Turns the positions of `ast` (line, octet in the line) into octets of the file."""

    def __init__(self, source: str) -> None:
        self._octets = source.encode()
        self._starts = [0]
        for line in self._octets.split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def change(self, node: ast.expr | ast.stmt, after: ast.AST) -> Change:
        """Return the change that puts `after` in the place of `node`.

        An expression is put in parentheses, so that it binds as the old one did.
        """
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        begin = self._starts[node.lineno - 1] + node.col_offset
        end = self._starts[node.end_lineno - 1] + node.end_col_offset
        text = ast.unparse(after)
        if isinstance(node, ast.expr) and not isinstance(after, ast.Constant):
            text = f"({text})"
        return Change(node.lineno, begin, end, self._octets[begin:end].decode(), text)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 3] + "..."
