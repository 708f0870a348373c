"""House rules that no other tool holds: sizes, leftovers, locks. Run by `make check`.

Files of at most 250 lines, functions of at most 60 with a median of 12 and nine in ten below 36
(docs: ARCHITECTURE.md); no stubs and no marks of unfinished work; locks that name no host and hold
every declared dependency with its hashes.
"""

import ast
import re
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("server", "web", "scheduler", "media")
FILE_LIMIT, FUNCTION_LIMIT, MEDIAN_LIMIT, P90_LIMIT = 250, 60, 12, 35
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
HOSTS = re.compile(
    r"https?://[^\s/]*(pypi|npmjs|npmmirror|tuna|aliyun|registry)[^\s]*|^--(extra-)?index-url"
)
LOCKS = ("requirements.txt", "requirements-dev.txt", "deploy/requirements-npm.txt")
TEXTS = (
    ".py",
    ".js",
    ".mjs",
    ".css",
    ".html",
    ".toml",
    ".md",
    ".json",
    ".txt",
    ".yaml",
    ".yml",
    ".sh",
)


def tracked() -> list[Path]:
    """Every text file that git knows and that still exists."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        raise SystemExit(f"git does not list the files: {listed.stderr.strip()}")
    paths = (ROOT / name for name in listed.stdout.splitlines())
    return [path for path in paths if path.suffix in TEXTS and path.is_file()]


def sizes(files: list[Path]) -> Iterator[str]:
    lengths: list[int] = []
    for file in files:
        name, text = file.relative_to(ROOT), file.read_text("utf-8")
        if "migrations/versions" in file.as_posix():
            continue  # a picture of the tables at one moment, as long as they are many
        lines = len(text.splitlines())
        if lines > FILE_LIMIT:
            yield f"{name}: {lines} lines, at most {FILE_LIMIT}"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                lengths.append(length)
                if length > FUNCTION_LIMIT:
                    yield f"{name}: {node.name} has {length} lines, at most {FUNCTION_LIMIT}"
    median, p90 = statistics.median(lengths), statistics.quantiles(lengths, n=10)[-1]
    print(f"{len(files)} files, {len(lengths)} functions: median {median:g} lines, p90 {p90:g}")
    if median > MEDIAN_LIMIT or p90 > P90_LIMIT:
        yield f"functions grew: median {median} (at most {MEDIAN_LIMIT}), p90 {p90} ({P90_LIMIT})"


def leftovers(files: list[Path]) -> Iterator[str]:
    for file in files:
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            found = UNFINISHED.search(line) or HOSTS.search(line)
            if found and file != Path(__file__).resolve():
                yield f"{file.relative_to(ROOT)}:{number}: {found[0]!r} does not belong here"


def locks() -> Iterator[str]:
    """Every declared dependency is pinned with hashes, at a version that is allowed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {
        "requirements.txt": project["dependencies"],
        "requirements-dev.txt": project["dependencies"] + project["optional-dependencies"]["dev"],
    }
    for name in LOCKS:
        pins, problems = _pins((ROOT / name).read_text("utf-8"))
        yield from (f"{name}: {problem}" for problem in problems)
        for requirement in map(Requirement, wanted.get(name, [])):
            found = pins.get(_plain(requirement.name), [])
            if not any(requirement.specifier.contains(version) for version in found):
                yield f"{name}: {requirement} is not pinned (found {found or 'nothing'})"


def _pins(text: str) -> tuple[dict[str, list[str]], list[str]]:
    pins: dict[str, list[str]] = {}
    problems = []
    for entry in re.findall(r"^[A-Za-z0-9].*(?:\n[ ]+--hash.*)*", text, re.MULTILINE):
        found = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", entry)
        if found is None or "--hash=sha256:" not in entry:
            problems.append(f"{entry.splitlines()[0]!r} is not pinned by version and hash")
            continue
        pins.setdefault(_plain(found[1]), []).append(found[2])
    return pins, problems


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> int:
    files = tracked()
    ours = [f for f in files if f.suffix == ".py" and f.relative_to(ROOT).parts[0] in PACKAGES]
    problems = [*sizes(ours), *leftovers(files), *locks()]
    for problem in problems:
        print(problem, file=sys.stderr)
    print("house rules: " + (f"{len(problems)} broken" if problems else "kept"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
