"""The language of an answer: the switch, the account, the browser, and Chinese."""

import pytest
from aiohttp import web as http

from tests.support.gates import gates
from web.kit.middleware import Handler
from web.kit.middleware.language import language
from web.kit.words.i18n import language as current


@http.middleware
async def saying(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Answer with the language that a handler finds."""
    response = await handler(request)
    response.headers["Found"] = current()
    return response


@pytest.mark.parametrize(
    ("headers", "found", "said"),
    [
        ({}, "zh_CN", "zh-CN"),
        ({"Accept-Language": "en-GB, zh;q=0.5"}, "en", "en"),
        ({"Accept-Language": "fr"}, "zh_CN", "zh-CN"),
        ({"As": "TEACHER en"}, "en", "en"),
        ({"As": "TEACHER zh_CN", "Accept-Language": "en"}, "zh_CN", "zh-CN"),
        ({"As": "TEACHER en", "Cookie": "tongke_language=zh_CN"}, "zh_CN", "zh-CN"),
        ({"As": "TEACHER zh_CN", "Cookie": "tongke_language=en"}, "en", "en"),
        ({"As": "TEACHER en", "Cookie": "tongke_language=xx"}, "en", "en"),
    ],
)
async def test_the_switch_goes_before_the_account_and_that_before_the_browser(
    headers: dict[str, str], found: str, said: str
) -> None:
    async with gates(language, saying) as site, site.client.get("/public", headers=headers) as got:
        assert (got.headers["Found"], got.headers["Content-Language"]) == (found, said)
    assert current() == "zh_CN", "set for the request alone"


async def test_a_handler_s_own_word_on_its_language_stays() -> None:
    @http.middleware
    async def french(request: http.Request, handler: Handler) -> http.StreamResponse:
        response = await handler(request)
        response.headers["Content-Language"] = "fr"
        return response

    async with gates(language, french) as site, site.client.get("/public") as response:
        assert response.headers["Content-Language"] == "fr"


async def test_an_answer_that_is_on_its_way_is_left_alone() -> None:
    @http.middleware
    async def streaming(request: http.Request, handler: Handler) -> http.StreamResponse:
        await handler(request)
        stream = http.StreamResponse()
        await stream.prepare(request)
        await stream.write(b"begun")
        return stream

    async with gates(language, streaming) as site, site.client.get("/public") as response:
        assert await response.read() == b"begun"
        assert "Content-Language" not in response.headers
