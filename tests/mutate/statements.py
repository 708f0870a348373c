"""What may be wrong in a statement: left out, its condition turned, its value not returned."""

import ast
from collections.abc import Callable, Iterator
from typing import Any

from tests.mutate.expressions import ARITHMETIC

LOGS = {"log", "LOG", "logger", "logging"}
GUARD_LINES = 3
"""Statements of an `if` that is still taken for a guard."""


def wrong_statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield the wrong forms of this statement itself, not of what is inside it."""
    for kind, change in _CHANGES.items():
        if isinstance(node, kind):
            yield from change(node)


def is_log(node: ast.AST) -> bool:
    """Return whether it is a call of the log: nobody tests each word there."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and isinstance(node.value.func.value, ast.Name)
        and node.value.func.value.id in LOGS
    )


def _if(node: ast.If) -> Iterator[ast.stmt]:
    """A guard left out; a condition turned where no comparison in it can be."""
    ends = isinstance(node.body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)
    if ends and not node.orelse and len(node.body) <= GUARD_LINES:
        yield ast.Pass()
    if isinstance(node.test, ast.Name | ast.Attribute | ast.Call):
        yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)


def _expression(node: ast.Expr) -> Iterator[ast.stmt]:
    if isinstance(node.value, ast.Call | ast.Await) and not is_log(node):
        yield ast.Pass()


def _assign(node: ast.Assign) -> Iterator[ast.stmt]:
    if all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets):
        yield ast.Pass()


def _aug_assign(node: ast.AugAssign) -> Iterator[ast.stmt]:
    yield ast.Pass()
    if type(node.op) in ARITHMETIC:
        yield ast.AugAssign(node.target, ARITHMETIC[type(node.op)](), node.value)


def _left_out(node: ast.stmt) -> Iterator[ast.stmt]:
    yield ast.Pass()


def _return(node: ast.Return) -> Iterator[ast.stmt]:
    """Values that are told apart by truth are changed as constants, see expressions."""
    if node.value is not None and not isinstance(node.value, ast.Constant):
        yield ast.Return(ast.Constant(None))


def _continue(node: ast.Continue) -> Iterator[ast.stmt]:
    yield ast.Break()


_CHANGES: dict[type[ast.AST], Callable[[Any], Iterator[ast.stmt]]] = {
    ast.If: _if,
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AugAssign: _aug_assign,
    ast.Delete: _left_out,
    ast.Raise: _left_out,
    ast.Return: _return,
    ast.Continue: _continue,
}
