"""`make check` refuses in the pages what Chromium 109 does not know, and nothing that it knows."""

import json

import pytest

from tests.frontend.check import ESLINT, STYLELINT, lint
from tests.support.npm import find_node

pytestmark = pytest.mark.skipif(not find_node(), reason="no node here (deploy/setup.py --dev)")

NEWER_SCRIPTS = [
    "Object.groupBy([], String);",
    "Promise.withResolvers();",
    "URL.canParse('');",
    "AbortSignal.any([]);",
    "new CloseWatcher();",
    "Array.fromAsync([]);",
    "[2, 1].toSorted();",
    "[2, 1]['toReversed']();",
    "const { with: other, toSpliced } = Array.prototype;",
    "new Set().union(new Set());",
    "''.isWellFormed();",
    "document.startViewTransition(() => {});",
    "document.body.showPopover();",
    "document.body.moveBefore(document.body, null);",
    "document.addEventListener('scrollend', () => {});",
    "document.onscrollend = null;",
]
KNOWN_SCRIPTS = [
    "[1].at(-1); [1].findLast(Boolean); Object.hasOwn({}, 'a'); structuredClone({});",
    "class A { static #b = 1; static { A.#b = 2; } #union() { return this.#union(); } }",
    "const a = { take: 1 }; a.take ??= a?.last;",
    "Promise.any([]); AbortSignal.timeout(1); crypto.randomUUID();",
    "const union = 1; document.addEventListener('visibilitychange', () => union);",
    "document.createElement('video').requestVideoFrameCallback(() => {});",
    "new RTCPeerConnection().addTransceiver('video'); navigator.wakeLock.request('screen');",
]
NEWER_SYNTAX = [
    "export const a = /[\\p{L}--a]/v;",
    "import a from './a.json' with { type: 'json' };",
    "{ using a = b; }",
    "import defer * as a from './a.js';",
]
NEWER_STYLES = [
    ".a { & b { color: red } }",
    ".a { b { color: red } }",
    ".a { @media print { b { color: red } } }",
    ".a { text-wrap: balance }",
    ".a { color: color-mix(in srgb, red, blue) }",
    ".a { color: light-dark(red, blue) }",
    ".a { color: rgb(from red r g b) }",
    ".a { color: oklch(0.5 0.2 30) }",
    ".a { transition: all 1s linear(0, 1) }",
    ".a { width: calc(round(1px, 2px)) }",
    ".a { grid-template-rows: subgrid }",
    ".a { width: 1rlh }",
    ".a:user-valid { color: red }",
    "@scope (.a) { b { color: red } }",
    "@starting-style { .a { color: red } }",
    "@media (scripting: none) { .a { color: red } }",
    ".a { field-sizing: content }",
]
KNOWN_STYLES = [
    ".a:has(b):focus-visible::before { inset: 0 }",
    ".a { height: 100dvh; width: 1lh; gap: 1rem; aspect-ratio: 16 / 9; accent-color: red }",
    ".a { transition: all 1s linear; background: url(color-mix.png); content: 'color-mix(1)' }",
    ".a { width: clamp(1px, min(2vw, 3px), calc(4px + 1em)); color: rgb(0 0 0 / 50%) }",
    "@container (min-width: 1px) { .a { width: 10cqw } }",
    "@media (prefers-reduced-motion: reduce) { .a { animation: none } }",
    "@layer a { :where(.a, .b) { color: var(--oklch) } }",
    "@supports (text-wrap: balance) { .a { text-wrap: balance } }",
]


def scripts_refused(text: str) -> set[int]:
    """Return the numbers, from 0, of the lines that eslint refuses."""
    name = "--stdin-filename=web/static/js/made_up.js"
    done = lint(ESLINT, "--stdin", name, "--format=json", text=text, told=False)
    assert done.returncode in (0, 1), done.stderr
    return {message["line"] - 1 for message in json.loads(done.stdout)[0]["messages"]}


def styles_refused(text: str) -> set[int]:
    name = "--stdin-filename=web/static/css/made_up.css"
    done = lint(STYLELINT, "--stdin", name, "--formatter=json", text=text, told=False)
    assert done.returncode in (0, 2), done.stderr
    report = json.loads(done.stdout or done.stderr)
    return {warning["line"] - 1 for warning in report[0]["warnings"]}


def lines(numbers: set[int], source: list[str]) -> list[str]:
    return [source[number] for number in sorted(numbers)]


def test_scripts_are_refused_for_what_is_newer_and_for_nothing_else() -> None:
    blocks = [f"{{ {line} }}" for line in [*NEWER_SCRIPTS, *KNOWN_SCRIPTS]]
    assert lines(scripts_refused("\n".join(blocks)), blocks) == blocks[: len(NEWER_SCRIPTS)]


@pytest.mark.parametrize("text", NEWER_SYNTAX)
def test_newer_syntax_is_refused(text: str) -> None:
    assert scripts_refused(text) == {0}


def test_styles_are_refused_for_what_is_newer_and_for_nothing_else() -> None:
    both = [*NEWER_STYLES, *KNOWN_STYLES]
    assert lines(styles_refused("\n".join(both)), both) == NEWER_STYLES
