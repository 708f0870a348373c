"""Which wrong changes a piece of source offers, exactly."""

import pytest

from tests.mutate.finding import changes


def offered(source: str) -> list[str]:
    return [f"{change.before} -> {change.after}" for change in changes(source)]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("a < b", ["a < b -> (a <= b)"]),
        ("a is not b", ["a is not b -> (a is b)"]),
        ("a in b", ["a in b -> (a not in b)"]),
        ("not a", ["not a -> (a)"]),
        ("-a", ["-a -> (a)"]),
        ("a - b", ["a - b -> (a + b)"]),
        ("a << b", ["a << b -> (a >> b)"]),
        ("a if b else c", ["a if b else c -> (c if b else a)"]),
        ("x = 3", ["3 -> 4", "3 -> 2"]),
        ("x = 0", ["0 -> 1"]),
        ("x = 0.5", ["0.5 -> 1.0"]),
        ("x = 0.0", ["0.0 -> 1.0"]),
        ("x = True", ["True -> False"]),
        ("x = min(a, b)", ["min(a, b) -> (max(a, b))"]),
        ("x = all(a)", ["all(a) -> (any(a))"]),
        ("x = f(a, b, c)", ["f(a, b, c) -> (f(b, a, c))"]),
        ("a and b", ["a and b -> (a or b)", "a and b -> (b)", "a and b -> (a)"]),
        ("a.b = c", ["a.b = c -> pass"]),
        ("a += b", ["a += b -> pass", "a += b -> a -= b"]),
        ("del a[b]", ["del a[b] -> pass"]),
        ("raise a", ["raise a -> pass"]),
        ("f(a)", ["f(a) -> pass"]),
    ],
)
def test_each_form_has_its_wrong_forms(source: str, wanted: list[str]) -> None:
    assert offered(source) == wanted


@pytest.mark.parametrize(
    "source",
    [
        '"""a text of its own"""',
        "log.info('kept %d', 3)",
        "x = f'{a + 1}'",
        "x = a + 'text'",
        "x: Literal[3]",
        "def f(a: T[1]) -> T[2]: ...",
        "@frozen(slots=True)\nclass A(B, total=False): ...",
        "x = f(a, a)",
        "x = f(*a, b)",
        "x = isinstance(a, b)",
        "x = a.get(b, c)",
        "if TYPE_CHECKING:\n    f(a, b)",
        "x = a",
    ],
)
def test_what_no_test_can_see_or_every_import_refuses_is_left_alone(source: str) -> None:
    assert offered(source) == []


def test_a_guard_is_left_out_and_turned() -> None:
    source = "def f(a):\n    if a:\n        return 7\n    return a.b\n"
    assert offered(source) == [
        "if a:\n        return 7 -> pass",
        "a -> (not a)",
        "7 -> 8",
        "7 -> 6",
        "return a.b -> return None",
    ]


def test_an_if_with_an_else_is_no_guard() -> None:
    assert offered("def f(a):\n    if a:\n        return\n    else:\n        g()") == [
        "a -> (not a)",
        "g() -> pass",
    ]


def test_each_link_of_a_chain_of_comparisons_is_changed_alone() -> None:
    assert offered("a < b <= c") == ["a < b <= c -> (a <= b <= c)", "a < b <= c -> (a < b < c)"]


def test_each_guard_of_a_row_is_left_out_once() -> None:
    assert offered("x = a or b or c") == [
        "a or b or c -> (a and b and c)",
        "a or b or c -> (b or c)",
        "a or b or c -> (a or c)",
        "a or b or c -> (a or b)",
    ]


def test_a_continue_becomes_a_break_and_no_break_becomes_endless() -> None:
    assert offered("for a in b:\n    continue") == ["continue -> break"]
    assert offered("for a in b:\n    break") == []


def test_a_change_is_written_in_its_place_beside_wide_characters() -> None:
    source = "x = '课堂', a < b  # 一\ny = 2\n"
    first, *_ = changes(source)
    assert first.apply(source) == "x = '课堂', (a <= b)  # 一\ny = 2\n"
    assert str(first) == "1: a < b -> (a <= b)"


def test_a_change_over_several_lines_is_told_in_one_short_line() -> None:
    long, longer = "one.part.of.many.words.and_another.of_them", "b.of_nearly.thirty_letters_"
    (only,) = changes(f"x = (\n    {long}\n    < {longer}\n)")
    assert only.line == 2
    assert str(only) == (
        "2: one.part.of.many.words.and_another.of_them < b.of_nearly.thirty_let... -> "
        "(one.part.of.many.words.and_another.of_them <= b.of_nearly.thirty_l..."
    )


def test_a_change_that_would_be_no_python_is_not_offered() -> None:
    assert offered("x = '' 'a' if a else b") == ["'' 'a' if a else b -> (b if a else 'a')"]
    source = "with a() as b, c(1, 2):\n    d[1:-2] = [e for e in f if not e]\n"
    for change in changes(source):
        compile(change.apply(source), "changed", "exec")
