"""What messages are made of: frozen pydantic models, exact types, bounded numbers and text. Pure.

A `StrictModel` is what a client asks of a server: an unknown field is refused, because a request
that is half understood would be half carried out. A `TolerantModel` is what somebody reports, who
may be newer than its reader: unknown fields are left out, and what is newer has a default.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_NUMBER = 2**53
"""What a float holds exactly; nothing that is counted or timed comes near."""

MAX_PATH = 64
"""Characters of a field's path that an error names."""

NO_NUL = r"^[^\x00]*$"
"""Neither a journal nor a database takes NUL. Half surrogate pairs are no JSON for pydantic."""

Count = Annotated[int, Field(ge=0, lt=MAX_NUMBER)]
Measure = Annotated[float, Field(ge=0, lt=MAX_NUMBER, allow_inf_nan=False)]
"""A duration, a level or a moment in Unix seconds: finite and not negative."""

Text = Annotated[str, Field(pattern=NO_NUL)]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=NO_NUL)]
"""An id: of a stage, a ticket, a device, a node."""


class StrictModel(BaseModel):
    """A request. Unknown fields are refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class TolerantModel(BaseModel):
    """A report or an answer. Unknown fields are left out."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


def first_fault(error: ValidationError) -> str:
    """Return what is wrong, in a few words of ASCII: the path of the field and why, never its
    value. Whoever sent the field has named it, so its name is cut."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    path = ".".join(str(part) for part in fault["loc"])
    path = path.encode("ascii", "backslashreplace").decode()[:MAX_PATH]
    return f"{path}: {fault['msg']}" if path else fault["msg"]
