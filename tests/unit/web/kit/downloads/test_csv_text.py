"""CSV for spreadsheets: Chinese intact, nothing that computes."""

import csv
import io

import pytest

from web.kit.downloads.csv_text import csv_bytes, guarded


def test_excel_reads_it_as_utf8() -> None:
    content = csv_bytes(["学校", "分钟"], [["城北小学", 37.5], [None, 0]])
    assert content == b"\xef\xbb\xbf" + "学校,分钟\r\n城北小学,37.5\r\n,0\r\n".encode()


@pytest.mark.parametrize(
    "evil",
    [
        '=HYPERLINK("http://x","y")',
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "＝1",
        "＋1",
        "－1",
        "＠A1",
    ],
)
def test_a_formula_becomes_text(evil: str) -> None:
    assert guarded(evil) == "'" + evil
    (row,) = csv.reader(
        io.StringIO(csv_bytes([], [[evil]]).decode("utf-8-sig").split("\r\n", 1)[1])
    )
    assert row == ["'" + evil]


@pytest.mark.parametrize("plain", ["五年级=1班", "a-b", "3", "", "'=1", -3, 2.5, None])
def test_everything_else_stays_as_it_is(plain: str | float | None) -> None:
    assert guarded(plain) == plain


def test_commas_quotes_and_lines_stay_in_their_cell() -> None:
    text = 'a,"b"\nc'
    content = csv_bytes(["x"], [[text]]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content, newline=""))) == [["x"], [text]]
