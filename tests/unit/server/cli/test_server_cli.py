"""The command line: one plain sentence and exit code 2 for what a person can mend."""

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from scheduler.kernel.errors import Forbidden
from server.cli.main import main, sentence
from server.config.loading import ConfigError


def config(folder: Path, text: str = "") -> str:
    file = folder / "config.toml"
    file.write_text(text)
    return str(file)


def test_a_bad_key_is_named_on_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--config", config(tmp_path, "[server]\nprot = 1"), "check-config"])
    told = capsys.readouterr()
    assert (code, told.out, told.err) == (2, "", "tongke: server.prot: unknown key\n")


def test_a_good_file_is_confirmed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", config(tmp_path), "check-config"]) == 0
    assert capsys.readouterr().out == (
        "config.toml is fine: pages at http://127.0.0.1:8700, relay nodes n1\n"
    )


def test_the_configuration_may_be_named_by_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TONGKE_CONFIG", str(tmp_path / "elsewhere.toml"))
    assert main(["check-config"]) == 2
    assert "elsewhere.toml: No such file" in capsys.readouterr().err


def test_migrate_makes_a_database_and_says_nothing_new_the_second_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = config(tmp_path)
    assert main(["--config", file, "migrate"]) == 0
    assert capsys.readouterr().out.startswith("empty -> ")
    assert main(["--config", file, "migrate"]) == 0
    assert capsys.readouterr().out == "the database is up to date\n"


def init(folder: Path, **flags: str) -> int:
    words = [word for name, value in flags.items() for word in (f"--{name}", value)]
    return main(["--config", config(folder), "init", *words])


COUNTY = {"county-code": "baihe", "county-name": "白河县", "name": "李老师", "login": "li"}


def test_init_makes_one_administrator_and_no_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TONGKE_ADMIN_PASSWORD", "seven quiet rivers")
    assert init(tmp_path, **COUNTY) == 0
    assert "白河县: li can sign in at http://127.0.0.1:8700/sign-in" in capsys.readouterr().out
    assert init(tmp_path, **{**COUNTY, "login": "wang"}) == 2
    assert capsys.readouterr().err == "tongke: this county has an administrator already\n"


def test_init_refuses_a_weak_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TONGKE_ADMIN_PASSWORD", "12345")
    assert init(tmp_path, **COUNTY) == 2
    assert capsys.readouterr().err.startswith("tongke: 密码")


def test_init_never_makes_up_a_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TONGKE_ADMIN_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", (tmp_path / "config.toml").open("w+"))
    assert init(tmp_path, **COUNTY) == 2
    assert "no password: set TONGKE_ADMIN_PASSWORD" in capsys.readouterr().err


def test_import_names_line_and_field_and_loads_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "county.toml"
    file.write_text('[county]\ncode = "baihe"\nname = "白河县"\n\n[[school]]\ncode = 7\n')
    assert main(["--config", config(tmp_path), "import", str(file)]) == 2
    told = capsys.readouterr()
    assert f"{file}:6: school[1].code: " in told.out
    assert told.err.startswith("tongke: nothing was loaded: ")


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fly"])
    assert ended.value.code == 2
    assert "invalid choice: 'fly'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConfigError(("a.b", "is missing")), "a.b: is missing"),
        (Forbidden(), "not allowed for this account"),
        (FileNotFoundError(2, "No such file or directory", "x.toml"), "x.toml: No such file or "),
        (
            OperationalError("SELECT secret", {}, OSError("unable to open\nmore")),
            "the database refused: unable to open",
        ),
    ],
)
def test_an_error_is_one_line_without_insides(error: Exception, said: str) -> None:
    told = sentence(error)
    assert told.startswith(said)
    assert "\n" not in told
    assert "secret" not in told
