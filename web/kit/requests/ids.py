"""What an id looks like in an address. Anything else names nothing, and no database is asked."""

import re

from scheduler.kernel.ids import ID

_WHOLE = re.compile(ID)


def id_or_empty(text: str | None) -> str:
    """Return a query parameter that is an id, "" for anything else."""
    return text if text is not None and _WHOLE.fullmatch(text) else ""


def with_ids(path: str) -> str:
    """Return a route's path in which {id} and {lesson_id} match ids alone."""
    return re.sub(r"\{((?:\w+_)?id)\}", rf"{{\1:{ID}}}", path)
