"""What may be wrong in an expression: one node in, each slightly wrong node out."""

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
UNSWAPPED = {
    *CALLS,
    "isinstance",
    "issubclass",
    "getattr",
    "setattr",
    "cast",
    "get",
    "pop",
    "gather",
}
"""Calls whose arguments stay: the same when swapped, or wrong at the first call."""


def wrong_expressions(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the wrong forms of this node itself, not of the nodes inside it."""
    for kind, change in _CHANGES.items():
        if isinstance(node, kind):
            yield from change(node)


def _compare(node: ast.Compare) -> Iterator[ast.expr]:
    for place, operator in enumerate(node.ops):
        changed = copy.deepcopy(node)
        changed.ops[place] = COMPARISONS[type(operator)]()
        yield changed


def _bool_op(node: ast.BoolOp) -> Iterator[ast.expr]:
    """`and` for `or`; and each guard of the row left out once."""
    changed = copy.deepcopy(node)
    changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield changed
    for place in range(len(node.values)):
        rest = node.values[:place] + node.values[place + 1 :]
        yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _unary_op(node: ast.UnaryOp) -> Iterator[ast.expr]:
    if isinstance(node.op, ast.Not | ast.USub):
        yield node.operand


def _bin_op(node: ast.BinOp) -> Iterator[ast.expr]:
    is_text = any(_is_text(side) for side in (node.left, node.right))
    if type(node.op) in ARITHMETIC and not is_text:
        yield ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _constant(node: ast.Constant) -> Iterator[ast.expr]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        if value > 0:
            yield ast.Constant(value - 1)
    elif isinstance(value, float):
        yield ast.Constant(value * 2 or 1.0)


def _if_exp(node: ast.IfExp) -> Iterator[ast.expr]:
    yield ast.IfExp(node.test, node.orelse, node.body)


def _call(node: ast.Call) -> Iterator[ast.expr]:
    name = called(node)
    if isinstance(node.func, ast.Name) and name in CALLS:
        yield ast.Call(ast.Name(CALLS[name], ast.Load()), node.args, node.keywords)
    plain = not any(isinstance(argument, ast.Starred) for argument in node.args)
    if len(node.args) >= 2 and plain and name not in UNSWAPPED:
        first, second, *rest = node.args
        if ast.dump(first) != ast.dump(second):
            yield ast.Call(node.func, [second, first, *rest], node.keywords)


def called(node: ast.Call) -> str:
    """Return the last name of what is called, empty when it has none."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


_CHANGES: dict[type[ast.AST], Callable[[Any], Iterator[ast.expr]]] = {
    ast.Compare: _compare,
    ast.BoolOp: _bool_op,
    ast.UnaryOp: _unary_op,
    ast.BinOp: _bin_op,
    ast.Constant: _constant,
    ast.IfExp: _if_exp,
    ast.Call: _call,
}
