"""The terminal's page as it is served: its words, its scripts' needs, and the code to scan."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.webclient import Site, open_site
from web.terminal import page

MODULES = Path(page.__file__).parents[1] / "static" / "js" / "terminal"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(tmp_path) as running:
        yield running


def texts_used() -> set[str]:
    """Return the names of texts that the page's scripts ask for."""
    sources = (MODULES / "screens.js").read_text("utf-8")
    return set(re.findall(r'say\("(\w+)"', sources)) | set(
        re.findall(r'\? "(\w+)" : "\w+"\)', sources)
    )


def test_every_text_that_the_scripts_ask_for_is_there() -> None:
    asked = texts_used()
    assert len(asked) > 10
    assert asked <= set(page.texts())


def test_every_fault_has_its_sentences() -> None:
    block = (MODULES / "camera.js").read_text("utf-8").split("Fault = Object.freeze({")[1]
    codes = set(re.findall(r'"([A-Z]\d\d)"', block.split("}")[0]))
    assert codes == set(page.faults()) - {"unknown"}
    assert all(set(texts) == {"what", "next"} for texts in page.faults().values())


async def test_the_page_and_its_code(site: Site) -> None:
    visitor = await site.visitor()
    answer = await visitor.client.get("/terminal")
    text = await answer.text()
    assert answer.status == 200
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    addresses = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert addresses
    assert all(re.match(r"/(?!/)", address) for address in addresses)  # nothing from outside
    data = re.search(r'<script type="application/json" id="texts">(.*?)</script>', text, re.S)
    assert data is not None
    texts = json.loads(data.group(1))
    assert texts["tap_for_sound"] == "点一下屏幕打开声音"
    image = await visitor.client.get("/terminal/qr.svg?code=ABC234")
    assert (image.status, image.content_type) == (200, "image/svg+xml")
    assert (await image.text()).startswith("<svg")
    for bad in ("", "?code=", "?code=a", "?code=%3Cscript%3E", "?code=ABCDEFGHIJKLM"):
        assert (await visitor.client.get("/terminal/qr.svg" + bad)).status == 404, bad
    await visitor.close()
