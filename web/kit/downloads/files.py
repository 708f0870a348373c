"""Answers that a browser saves as a file."""

from urllib.parse import quote

from aiohttp import web as http


def csv_file(content: bytes, name: str) -> http.Response:
    """Return a CSV under a file name that may be Chinese (RFC 6266, RFC 8187)."""
    disposition = f"attachment; filename=\"export.csv\"; filename*=UTF-8''{quote(name)}.csv"
    return http.Response(
        body=content,
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": disposition},
    )
