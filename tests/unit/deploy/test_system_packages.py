"""What is missing is installed as root on Debian, and named elsewhere."""

import os
from pathlib import Path

import pytest

from deploy.system_packages import Need, provide

APT_GET = """#!/bin/sh
[ "$1 $2 $3 $4" = "-o DPkg::Lock::Timeout=600 -o Acquire::Retries=3" ] || exit 3
shift 4
echo "$DEBIAN_FRONTEND: $*; stdin: $(cat)" >> calls
[ ! -e broken ] || exit 100
[ "$1" = update ] || touch browser font
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for a machine: an apt-get that writes down its calls and is in PATH."""
    (tmp_path / "apt-get").write_text(APT_GET)
    (tmp_path / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def needs(machine: Path) -> tuple[Need, ...]:
    return (
        Need("git", ("git",), lambda: True),
        Need("a browser", ("browser",), (machine / "browser").exists),
        Need("a font", ("font", "fontconfig"), (machine / "font").exists),
    )


def calls(machine: Path) -> list[str]:
    file = machine / "calls"
    return file.read_text().splitlines() if file.exists() else []


def test_root_on_debian_installs_what_is_missing_and_is_asked_nothing(
    machine: Path, needs: tuple[Need, ...]
) -> None:
    assert provide(needs, debian=True, root=True, in_ci=True) == 0
    assert calls(machine) == [
        "noninteractive: update; stdin: ",
        "noninteractive: install -y --no-install-recommends -o Dpkg::Options::=--force-confold"
        " browser font fontconfig; stdin: ",
    ]
    assert provide(needs, debian=True, root=True, in_ci=True) == 0
    assert len(calls(machine)) == 2


def test_a_failing_apt_get_stops_the_set_up(
    machine: Path, needs: tuple[Need, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    (machine / "broken").touch()
    assert provide(needs, debian=True, root=True, in_ci=False) == 2
    assert len(calls(machine)) == 1
    assert "set-up stopped" in capfd.readouterr().err


def test_what_apt_get_did_not_bring_is_named_and_stops_ci(
    machine: Path, needs: tuple[Need, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    never = (*needs, Need("a wonder", ("wonder",), lambda: False))
    assert provide(never, debian=True, root=True, in_ci=False) == 0
    assert capfd.readouterr().err == "not here: a wonder (Debian: wonder)\n"
    assert provide(never, debian=True, root=True, in_ci=True) == 2


@pytest.mark.parametrize("in_ci", [False, True])
def test_another_user_is_told_what_to_run(
    machine: Path, needs: tuple[Need, ...], capfd: pytest.CaptureFixture[str], in_ci: bool
) -> None:
    assert provide(needs, debian=True, root=False, in_ci=in_ci) == (2 if in_ci else 0)
    said = capfd.readouterr().err.splitlines()
    assert said[:3] == [
        "not here: a browser (Debian: browser)",
        "not here: a font (Debian: font fontconfig)",
        "to install it: sudo apt-get install browser font fontconfig",
    ]
    assert calls(machine) == []


def test_on_another_system_packages_are_named_and_apt_get_is_left_alone(
    machine: Path, needs: tuple[Need, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    assert provide(needs, debian=False, root=True, in_ci=False) == 0
    assert capfd.readouterr().err.splitlines() == [
        "not here: a browser (Debian: browser)",
        "not here: a font (Debian: font fontconfig)",
    ]
    assert calls(machine) == []
