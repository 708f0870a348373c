"""Which tests are the mirror of a source file, and which files have one."""

import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOTS = ("server", "web", "scheduler", "media")
UNIT = "tests/unit"
BESIDE = {
    "media/httpd/listening.py": (
        "tests/integration/test_node_http_port.py",
        "tests/integration/test_http_departures.py",
    ),
    "media/node/http": ("tests/integration/test_node_http_port.py",),
    "media/node/journal.py": ("tests/integration/test_journal_reader.py",),
    "scheduler/lifecycle": ("tests/integration/test_life_reconcile.py",),
    "scheduler/usage": (
        "tests/integration/test_life_usage.py",
        "tests/integration/test_life_figures.py",
    ),
    "scheduler/access": ("tests/integration/test_life_access.py",),
    "web/kit/middleware": (
        "tests/integration/test_web_session_cookie.py",
        "tests/integration/test_web_error_pages.py",
        "tests/integration/test_web_access.py",
        "tests/integration/test_web_hostile.py",
    ),
}
"""Tests of a folder or file beside its mirror: what a database or a port is needed for."""

UNMIRRORED = ("tables.py", "__init__.py", "__main__.py")
"""Declarations and starting points: what is wrong there shows in tests of other folders."""


def mirror_of(root: Path, source: str) -> list[str]:
    """Return the test files for a source file, those named after it first.

    The mirror is the folder of the same path under tests/unit, or of the nearest parent that has
    tests; directly below a root (`server`) only what is named after the file is near enough.
    """
    path = PurePosixPath(source)
    tests = next(filter(None, _folders(root, path)), [])
    tests.sort(key=lambda name: path.stem not in PurePosixPath(name).name)
    beside = [test for place, more in BESIDE.items() if path.is_relative_to(place) for test in more]
    return [*tests, *(test for test in beside if (root / test).is_file())]


def _folders(root: Path, path: PurePosixPath) -> Iterator[list[str]]:
    for folder in path.parents:
        of_a_root = len(folder.parts) == 1
        pattern = f"test_*{path.stem}*.py" if of_a_root else "test_*.py"
        found = sorted((root / UNIT / folder).glob(pattern)) if folder.parts else []
        yield [file.relative_to(root).as_posix() for file in found]


def sources(root: Path) -> list[str]:
    """Return our modules that have mirrored tests, by path."""
    modules = (name for name in listed(root) if name.endswith(".py"))
    ours = (name for name in modules if name.split("/")[0] in ROOTS and "/migrations/" not in name)
    real = (name for name in ours if PurePosixPath(name).name not in UNMIRRORED)
    return [name for name in real if mirror_of(root, name)]


def listed(root: Path) -> list[str]:
    """Return the files of the checkout: those git knows and new ones, none that it ignores."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in names.splitlines() if (root / name).is_file())
