"""What people see where scripts get a document: a page of the same status, with its headers."""

from pathlib import Path

import pytest

from tests.support.webclient import open_site


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/nowhere", 404, None),
        ("PUT", "/sign-in", 405, "GET,HEAD,POST"),
        ("DELETE", "/timetable", 405, "GET,HEAD"),
    ],
)
async def test_a_refusal_is_a_page_with_the_headers_of_its_problem(
    tmp_path: Path, method: str, path: str, status: int, allow: str | None
) -> None:
    async with open_site(tmp_path) as site:
        visitor = await site.visitor()
        async with visitor.client.request(method, path) as response:
            assert (response.status, response.content_type) == (status, "text/html")
            assert response.headers.get("Allow") == allow
            assert response.headers["Content-Language"] == "zh-CN"
        async with visitor.client.request(method, f"/api{path}") as response:
            assert response.content_type == "application/problem+json"
