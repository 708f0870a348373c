"""Programs that `make test` needs beside Python: installed as root on Debian, named elsewhere.

    python3 deploy/system_packages.py

Standard library only, for it runs before anything is set up. apt-get asks nothing and waits for
another one that holds its lock (a fresh machine often updates itself). Exit status 2 where what is
missing could not be installed, or may not be missing because CI is set; elsewhere the tests run
without it, and those that need it are skipped and say so.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class Need:
    """Something that tests use, the Debian packages that bring it, and whether it is here."""

    what: str
    packages: tuple[str, ...]
    is_here: Callable[[], bool]


def program(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


def has_chinese_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn"], check=False, stdout=subprocess.PIPE)
    return bool(listed.stdout.strip())


def has_postgresql() -> bool:
    """Debian keeps the server's programs out of PATH."""
    on_path = shutil.which("initdb") is not None
    return on_path or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


NEEDS = (
    Need("Python's venv", ("python3-venv",), lambda: find_spec("ensurepip") is not None),
    Need("git", ("git",), program("git")),
    Need("Chromium", ("chromium",), program("chromium")),
    Need("a Chinese font", ("fonts-noto-cjk", "fontconfig"), has_chinese_font),
    Need("a PostgreSQL server", ("postgresql",), has_postgresql),
    Need("GStreamer's WHIP client", ("simple-whip-client",), program("whip-client")),
    Need("the Caddy proxy", ("caddy",), program("caddy")),
    Need("a C compiler", ("gcc", "libc6-dev"), program("cc")),
)

APT = ("apt-get", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3")
INSTALL = (
    *APT,
    "install",
    "-y",
    "--no-install-recommends",
    "-o",
    "Dpkg::Options::=--force-confold",
)


def is_debian() -> bool:
    try:
        return platform.freedesktop_os_release().get("ID") == "debian"
    except OSError:
        return False


def install(packages: list[str]) -> None:
    """Install Debian packages; OSError or CalledProcessError when apt-get could not."""
    variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ((*APT, "update"), (*INSTALL, *packages)):
        subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, check=True)


def provide(needs: Sequence[Need], *, debian: bool, root: bool, in_ci: bool) -> int:
    """Install or name what is missing; return the exit status."""
    missing = [need for need in needs if not need.is_here()]
    packages = [package for need in missing for package in need.packages]
    if missing and debian and root:
        print(f"==> Debian packages: {' '.join(packages)}", flush=True)
        try:
            install(packages)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"set-up stopped: {error}", file=sys.stderr)
            return 2
        missing = [need for need in missing if not need.is_here()]
    for need in missing:
        print(f"not here: {need.what} (Debian: {' '.join(need.packages)})", file=sys.stderr)
    if missing and debian and not root:
        print(f"to install it: sudo apt-get install {' '.join(packages)}", file=sys.stderr)
    if missing and in_ci:
        print("set-up stopped: CI is set, and nothing may be skipped there", file=sys.stderr)
        return 2
    return 0


def main() -> int:
    return provide(
        NEEDS, debian=is_debian(), root=os.geteuid() == 0, in_ci=bool(os.environ.get("CI"))
    )


if __name__ == "__main__":
    sys.exit(main())
