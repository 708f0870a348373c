"""Bounds of numbers and texts in messages, and what a fault says."""

from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from media.contract.model import Count, Measure, Name, StrictModel, Text, TolerantModel, first_fault

LARGEST = 9_007_199_254_740_991
"""2^53 - 1: what a float still tells from its neighbours."""


class Asked(StrictModel):
    count: Count = 0
    measure: Measure = 0.0
    text: Text = ""
    name: Name = "n"


class Inner(TolerantModel):
    count: Count = 0


class Reported(TolerantModel):
    inner: Mapping[str, Inner]


@pytest.mark.parametrize(
    ("field", "value"),
    [("count", 0), ("count", LARGEST), ("measure", 0.0), ("measure", 7), ("measure", LARGEST),
     ("text", ""), ("text", "\u8bfe\n\x01" * 3000), ("name", "x"), ("name", "x" * 64)],
)  # fmt: skip
def test_what_fits_is_taken_as_it_is(field: str, value: object) -> None:
    assert getattr(Asked.model_validate({field: value}), field) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [("count", -1), ("count", LARGEST + 1), ("count", 1.0), ("count", True), ("count", "1"),
     ("measure", -0.1), ("measure", LARGEST + 1), ("measure", float("inf")),
     ("measure", float("nan")), ("measure", "1"), ("text", "\0"), ("text", "a\0b"), ("text", 1),
     ("name", ""), ("name", "x" * 65), ("name", "\0"), ("unknown", 1)],
)  # fmt: skip
def test_what_does_not_fit_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Asked.model_validate({field: value})


def test_models_do_not_change() -> None:
    for model in (Asked(), Inner()):
        with pytest.raises(ValidationError, match="frozen"):
            model.count = 1  # type: ignore[misc]


def test_a_report_may_be_newer_than_its_reader() -> None:
    read = Reported.model_validate_json('{"inner": {"a": {"count": 1, "newer": 2}}, "newer": 3}')
    assert read == Reported(inner={"a": Inner(count=1)})
    with pytest.raises(ValidationError):
        Reported.model_validate_json('{"inner": {"a": {"count": 1.0}}}')


def fault(document: str) -> str:
    with pytest.raises(ValidationError) as refused:
        Reported.model_validate_json(document)
    return first_fault(refused.value)


def test_a_fault_names_the_path_and_never_the_value() -> None:
    said = "Input should be a valid integer"
    assert fault('{"inner": {"a": {"count": "secret"}}}') == f"inner.a.count: {said}"
    assert fault('{"inner": {"\u8bfe": {"count": 1.5}}}').startswith(r"inner.\u8bfe.count: ")
    assert fault("[]") == "Input should be an object"


def test_a_path_is_cut_at_64_characters() -> None:
    for length in (52, 53):  # inner. + the key + .count
        path = ("inner." + "x" * length + ".count")[:64]
        assert fault('{"inner": {"%s": {"count": "1"}}}' % ("x" * length)).startswith(f"{path}: ")
