"""Ids in addresses."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from scheduler.kernel.ids import new_id
from tests.support.webclient import Site, open_site
from web.kit.requests.ids import ID, id_or_empty, with_ids
from web.routes import ROUTES


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(tmp_path) as running:
        yield running


def test_what_the_scheduler_makes_is_an_id_and_nothing_else_is() -> None:
    one = new_id()
    assert id_or_empty(one) == one
    for other in (None, "", "0" * 15, "0" * 17, "G" * 16, "A" * 16, "0" * 15 + "\0", one + "\n"):
        assert id_or_empty(other) == ""


def test_every_id_of_the_route_table_is_held_to_it() -> None:
    assert with_ids("/lessons/{id}/move") == f"/lessons/{{id:{ID}}}/move"
    for route in ROUTES:
        for name in re.findall(r"\{(\w*id)\}", with_ids(route.path)):
            raise AssertionError(f"{route.path}: {name} matches anything")


@pytest.mark.parametrize("odd", ["abc", "0" * 17, "A" * 16, "..%2f..%2fx", "%E8%AF%BE"])
async def test_an_odd_id_is_no_address(site: Site, odd: str) -> None:
    county = await site.sign_in("county")
    for path in (f"/lessons/{odd}", f"/api/v1/lessons/{odd}", f"/admin/usage/{odd}"):
        async with county.client.get(path) as answer:
            assert answer.status == 404, path
    async with county.client.get(f"/admin/usage?school={odd}&teacher={odd}") as answer:
        assert answer.status == 200
