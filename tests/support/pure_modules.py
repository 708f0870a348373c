"""The pages' modules without DOM, tested by node's own runner where node is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.npm import ROOT, find_node

SOURCES = ROOT / "web" / "static" / "js"


def run_cases(cases: Path, folder: Path, *modules: str) -> None:
    """Run a file of node's tests on copies of these folders of modules, made in `folder`."""
    node = find_node()
    if not node:
        pytest.skip("node is not installed: the pages' pure modules are tested by it")
    for name in modules:
        shutil.copytree(SOURCES / name, folder / name)
    (folder / "package.json").write_text('{"type": "module"}')
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", str(cases)],
        env={**os.environ, "TONGKE_MODULES": folder.as_uri()},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout
