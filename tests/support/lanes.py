"""Which worker runs what: media in browsers on one lane, everything else beside it.

`pytest -n 2` hands out whole files, and whole folders below tests/e2e, from a queue with two ends.
The first worker takes from the front, where the tests with media in browsers are: these encode and
decode pictures in real time and wait for the clock most of the rest, so that two of them at once
would disturb each other, while one leaves about a core free. All other workers take from the back:
unit tests, integration tests, then end-to-end tests without media in a browser. They meet somewhere
in between.
"""

from functools import cache
from typing import Any

import pytest

IN_BROWSERS = "needs_chromium"
"""A file with this mark drives browsers."""
WITHOUT_MEDIA = "tests/e2e/pages"
"""These do too, but play and measure nothing."""


def unit_of(nodeid: str) -> str:
    """Return what is handed out as one: a file, or a folder of end-to-end tests that share much."""
    file = nodeid.partition("::")[0]
    return "/".join(file.split("/")[:3]) if file.startswith("tests/e2e/") else file


def place(unit: str, text: str) -> int:
    """Return how far from the front of the queue tests with this text belong."""
    if not unit.startswith("tests/e2e/"):
        return 2 if unit.startswith("tests/integration/") else 3
    return 0 if IN_BROWSERS in text and unit != WITHOUT_MEDIA else 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Make pytest-xdist's scheduler; asked only where there are workers."""
    from xdist.scheduler import LoadScopeScheduling

    @cache
    def place_of(unit: str) -> int:
        path = config.rootpath / unit
        files = sorted(path.glob("test_*.py")) if path.is_dir() else [path]
        return place(unit, "".join(file.read_text("utf-8") for file in files))

    class Lanes(LoadScopeScheduling):
        """Hands out units: from the front to the first worker that lives, else from the back."""

        def _split_scope(self, nodeid: str) -> str:
            return unit_of(nodeid)

        def _assign_work_unit(self, node: Any) -> None:
            choose = min if node is next(iter(self.nodes)) else max
            self.workqueue.move_to_end(choose(self.workqueue, key=place_of), last=False)
            super()._assign_work_unit(node)

    return Lanes(config, log)
