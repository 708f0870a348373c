"""Resources and their texts, which the database keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.booking.resources import Resource, ResourceKind, parse_resource

resources = st.builds(Resource, st.sampled_from(ResourceKind), st.from_regex("[0-9a-f]{16}"))


@given(resources)
def test_a_text_reads_back_as_its_resource(resource: Resource) -> None:
    assert parse_resource(str(resource)) == resource


@given(st.lists(resources))
def test_resources_sort_as_their_texts_do(found: list[Resource]) -> None:
    assert [str(one) for one in sorted(found)] == sorted(str(one) for one in found)


@pytest.mark.parametrize("text", ["", "room", "room:", ":1", "desk:1"])
def test_anything_else_is_no_resource(text: str) -> None:
    with pytest.raises(ValueError):
        parse_resource(text)
