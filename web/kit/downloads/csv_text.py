"""CSV that opens in Excel: UTF-8 with a mark, CRLF, and no cell that Excel would compute. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # full-width forms too
"""What a spreadsheet may take for a formula (OWASP, "CSV injection")."""

Cell = str | int | float | None


def guarded(cell: Cell) -> Cell:
    """Return text that a spreadsheet shows and never computes; numbers stay numbers."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA_STARTS):
        return "'" + cell
    return cell


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return the file; the byte order mark makes Excel read it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow(["" if cell is None else guarded(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")
