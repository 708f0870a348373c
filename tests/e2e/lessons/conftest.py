"""One product for all lessons of this folder: started once, its rooms enrolled once."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.coordinator import CoordinatorProcess
from tests.support.county_now import found_county
from tests.support.lesson_cast import SCREENS, LessonHouse, cast_of


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LessonHouse]:
    folder = tmp_path_factory.mktemp("lessons")
    product = CoordinatorProcess(folder)
    try:
        zone = await found_county(product)
        await product.start()
        async with cast_of(product, folder, SCREENS) as cast:
            yield LessonHouse(product, zone, cast)
    finally:
        await product.clean_up()


@pytest_asyncio.fixture(loop_scope="package")
async def house(shared_house: LessonHouse) -> LessonHouse:
    """The product with all its screens in standby, whatever the test before did to them."""
    await shared_house.set_right()
    return shared_house
