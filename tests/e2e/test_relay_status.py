"""`tongke relay status` against the whole product, with and without its node."""

import pytest

from tests.support.coordinator import CoordinatorProcess

pytestmark = pytest.mark.e2e


async def test_the_command_makes_no_database_and_does_without_one(
    product: CoordinatorProcess,
) -> None:
    answer = await product.ask("relay", "status")
    assert (answer.stdout, answer.stderr) == ("n1  does not answer  0 stages  0 peers\n", "")
    database = product.folder / "data/tongke.db"
    assert not database.exists()
    database.write_bytes(b"no database at all" * 100)
    answer = await product.ask("relay", "status")
    assert answer.stdout == "n1  does not answer  0 stages  0 peers\n"
    assert "drained nodes are not marked: the database failed: DatabaseError" in answer.stderr


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
