"""Every small wrong change that a source file offers, in the order of the file."""

import ast
from collections.abc import Iterator

from tests.mutate.change import Change, Places
from tests.mutate.expressions import wrong_expressions
from tests.mutate.statements import is_log, wrong_statements

UNTOUCHED_FIELDS = {"annotation", "returns", "decorator_list", "bases"}
"""What no test can see at run time: types, and how classes are made."""


def changes(source: str) -> list[Change]:
    """Return all changes of a file whose result is still Python."""
    places = Places(source)
    found = (change for node in _nodes(ast.parse(source)) for change in _of(node, places))
    return [change for change in found if _is_python(change.apply(source))]


def _of(node: ast.AST, places: Places) -> Iterator[Change]:
    if isinstance(node, ast.expr):
        yield from (places.change(node, wrong) for wrong in wrong_expressions(node))
    elif isinstance(node, ast.stmt):
        for wrong in wrong_statements(node):
            if isinstance(node, ast.If) and isinstance(wrong, ast.If):
                yield places.change(node.test, wrong.test)
            else:
                yield places.change(node, wrong)


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Walk in the order of the text, past what is left alone."""
    for field, value in ast.iter_fields(node):
        if field in UNTOUCHED_FIELDS or (field == "keywords" and isinstance(node, ast.ClassDef)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_left_alone(child):
                yield child
                yield from _nodes(child)


def _is_left_alone(node: ast.AST) -> bool:
    """Logs, texts with fields (no positions before Python 3.12), patterns, imports for types."""
    return (
        is_log(node)
        or isinstance(node, ast.JoinedStr | ast.pattern)
        or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    )


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True
