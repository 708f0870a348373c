"""The pages' scripts and styles against the oldest browser of a classroom, by `make check`.

`package.json` names the browser (`browserslist`), `eslint.config.mjs` and `stylelint.config.mjs`
the rules; set-up brings both tools, and node where the machine has none.
"""

import os
import subprocess
import sys

from tests.support.npm import MODULES, ROOT, find_node

ESLINT = ("eslint/bin/eslint.js", "--max-warnings=0")
STYLELINT = ("stylelint/bin/stylelint.mjs", "--max-warnings=0")


def lint(
    tool: tuple[str, ...], *arguments: str, text: str | None = None, told: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run one of the tools, on `text` instead of files where it is given; FileNotFoundError
    without node.
    """
    node = find_node()
    if not node:
        raise FileNotFoundError("no node here: python3 deploy/setup.py --dev brings one")
    script, *options = tool
    return subprocess.run(
        [node, str(MODULES / script), *options, *arguments],
        cwd=ROOT,
        env={**os.environ, "BROWSERSLIST_IGNORE_OLD_DATA": "1"},
        input=text,
        stdout=None if told else subprocess.PIPE,
        stderr=None if told else subprocess.PIPE,
        text=True,
    )


def main() -> int:
    runs = (lint(ESLINT, "web/static/js"), lint(STYLELINT, "web/static/css/*.css"))
    failed = any(run.returncode for run in runs)
    print("pages for the oldest browser: " + ("broken" if failed else "kept"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
