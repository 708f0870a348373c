"""`tongke relay status` against the whole product, with and without its node."""

import pytest

from tests.support.coordinator import CoordinatorProcess

pytestmark = pytest.mark.e2e


async def test_the_command_tells_the_nodes_figures_and_who_does_not_answer(
    product: CoordinatorProcess,
) -> None:
    away = await product.ask("relay", "status")
    assert (away.returncode, away.stdout) == (1, "n1  does not answer  0 stages  0 peers\n")
    await product.start()
    ready = await product.ask("relay", "status")
    assert ready.returncode == 0, ready.stderr
    assert ready.stdout.startswith("n1  ready  0 stages  0 peers  CPU ")
    assert ready.stdout.endswith("  - us/packet  0 sent  0 dropped\n")
