"""Signing in, cookies, forged requests, rate limits, languages."""

import re

import pytest
from yarl import URL

from tests.support.webclient import PASSWORD, Site


async def test_a_teacher_signs_in_and_is_led_back(site: Site) -> None:
    visitor = await site.visitor()
    turned_away = await visitor.get("/book?day=2026-11-19")
    assert URL(turned_away.headers["Location"]).query["next"] == "/book?day=2026-11-19"
    page = await visitor.get(turned_away.headers["Location"])
    assert 'value="/book?day=2026-11-19"' in await page.text()
    fields = {"login": "teacher", "password": PASSWORD, "next": "/book?day=2026-11-19"}
    entered = await visitor.post("/sign-in", fields)
    assert (entered.status, entered.headers["Location"]) == (303, "/book?day=2026-11-19")
    cookie = entered.headers.getall("Set-Cookie")[0]
    assert cookie.startswith("tongke_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "陈老师" in await (await visitor.get("/today")).text()


@pytest.mark.parametrize(
    ("login", "page"), [("teacher", "/today"), ("assistant", "/today"), ("county", "/admin")]
)
async def test_the_bare_address_redirects_everybody_to_their_first_page(
    site: Site, login: str, page: str
) -> None:
    visitor = await site.visitor()
    turned_away = await visitor.get("/")
    form = await (await visitor.get(turned_away.headers["Location"])).text()
    (target,) = re.findall(r'action="/sign-in">.*?name="next" value="([^"]*)"', form, re.DOTALL)
    fields = {"login": login, "password": PASSWORD, "next": target}
    entered = await visitor.post("/sign-in", fields)
    assert (await visitor.get(entered.headers["Location"])).headers["Location"] == page


async def test_signing_out_ends_the_session_at_the_server(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    kept = {c.key: c.value for c in visitor.client.session.cookie_jar}
    assert (await visitor.post("/sign-out", {})).headers["Location"] == "/sign-in"
    thief = await site.visitor()
    answer = await thief.get("/today", cookies={"tongke_session": kept["tongke_session"]})
    assert answer.headers["Location"].startswith("/sign-in")


async def test_a_wrong_password_keeps_the_login_and_says_so(site: Site) -> None:
    visitor = await site.visitor()
    refused = await visitor.sign_in("teacher", "wrong")
    page = await refused.text()
    assert refused.status == 401
    assert "账号或密码不对" in page
    assert 'value="teacher"' in page
    assert "wrong" not in page


async def test_unknown_and_known_logins_are_answered_alike(site: Site) -> None:
    visitor = await site.visitor()
    known = await (await visitor.sign_in("teacher", "wrong")).text()
    unknown = await (await visitor.sign_in("nobody", "wrong")).text()
    assert known.replace("teacher", "nobody").count("账号或密码不对") == unknown.count(
        "账号或密码不对"
    )


async def test_too_many_tries_are_stopped_with_the_minutes_to_wait(site: Site) -> None:
    visitor = await site.visitor()
    for _ in range(5):
        await visitor.sign_in("teacher", "wrong")
    stopped = await visitor.sign_in("teacher", PASSWORD)
    assert stopped.status == 429
    assert "请 15 分钟后再试" in await stopped.text()
    site.clock.forward(minutes=16)
    assert (await visitor.sign_in("teacher", PASSWORD)).status == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_another_site_cannot_send_our_forms(site: Site, headers: dict[str, str]) -> None:
    visitor = await site.sign_in("teacher")
    answer = await visitor.post("/language", {"language": "en"}, headers=headers)
    assert answer.status == 403
    assert "没有保存" in await answer.text()


async def test_a_form_without_its_token_is_refused(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    visitor.token = "guessed"
    assert (await visitor.post("/language", {"language": "en"})).status == 403
    answer = await visitor.call("POST", "/api/v1/lessons", {})
    assert answer.status == 403
    assert answer.content_type == "application/problem+json"
    assert (await answer.json())["type"].endswith("/csrf")


async def test_our_own_origin_passes(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    headers = {"Origin": "http://tongke.test"}
    answer = await visitor.post("/language", {"language": "en", "next": "/book"}, headers=headers)
    assert (answer.status, answer.headers["Location"]) == (303, "/book")
    page = await (await visitor.get("/today")).text()
    assert '<html lang="en"' in page


async def test_every_answer_carries_the_security_headers(site: Site) -> None:
    visitor = await site.visitor()
    for path in ("/sign-in", "/nowhere", "/api/v1/nowhere", "/static/0/icon.svg"):
        answer = await visitor.client.get(path)
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"], path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"


async def test_errors_are_json_for_scripts_and_pages_for_people(site: Site) -> None:
    visitor = await site.sign_in("teacher")
    page = await visitor.get("/nowhere")
    assert page.status == 404
    assert "没有这个页面" in await page.text()
    problem = await visitor.call("GET", "/api/v1/nowhere")
    assert (problem.status, problem.content_type) == (404, "application/problem+json")
    assert (await problem.json())["detail"] == "没有这个页面，或者它已经被移走。"


async def test_static_files_are_kept_by_version_and_stay_inside(site: Site) -> None:
    visitor = await site.visitor()
    page = await (await visitor.get("/sign-in")).text()
    address = page.split('rel="stylesheet" href="')[2].split('"')[0]
    kept = await visitor.client.get(address)
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert kept.content_type == "text/css"
    old = await visitor.client.get("/static/0123/css/tokens.css")
    assert old.headers["Cache-Control"] == "no-cache"
    for outside in ("/static/0/..%2f..%2fapp.py", "/static/0/css", "/static/0/%2fetc%2fpasswd"):
        assert (await visitor.client.get(outside)).status == 404, outside
