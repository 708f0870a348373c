"""Which worker runs what: tests with browsers on one lane, everything else beside it.

`pytest -n 2` hands out whole files from a queue with two ends. The first worker takes files from
the front, where the tests with browsers are: these encode and decode pictures in real time and
wait for the clock most of the rest, so that two of them at once would disturb each other, while
one leaves about a core free. All other workers take files from the back: unit tests, integration
tests, then end-to-end tests without a browser. The workers meet somewhere in the middle.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

IN_BROWSERS = "needs_chromium"
"""A file with this mark drives browsers."""


def place(file: str, text: str) -> int:
    """Return how far from the front of the queue a test file with this text belongs."""
    if not file.startswith("tests/e2e/"):
        return 2 if file.startswith("tests/integration/") else 3
    return 0 if IN_BROWSERS in text else 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Make pytest-xdist's scheduler; asked only where there are workers."""
    from xdist.scheduler import LoadFileScheduling

    @cache
    def place_of(file: str) -> int:
        return place(file, (config.rootpath / Path(file)).read_text("utf-8"))

    class Lanes(LoadFileScheduling):
        """Hands out files: from the front to the first worker that lives, else from the back."""

        def _assign_work_unit(self, node: Any) -> None:
            choose = min if node is next(iter(self.nodes)) else max
            self.workqueue.move_to_end(choose(self.workqueue, key=place_of), last=False)
            super()._assign_work_unit(node)

    return Lanes(config, log)
