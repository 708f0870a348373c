"""The pure modules of the terminal page, tested by node's own runner where node is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.npm import find_node

ROOT = Path(__file__).parents[4]
MODULES = ROOT / "web" / "static" / "js"
CASES = Path(__file__).parent / "js" / "pure.test.mjs"


def test_pure_modules(tmp_path: Path) -> None:
    node = find_node()
    if not node:
        pytest.skip("node is not installed: the page's pure modules are tested by it")
    for folder in ("terminal", "protocol"):
        shutil.copytree(MODULES / folder, tmp_path / folder)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    done = subprocess.run(
        [node, "--test", str(CASES)],
        env={**os.environ, "TONGKE_MODULES": tmp_path.as_uri()},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout
