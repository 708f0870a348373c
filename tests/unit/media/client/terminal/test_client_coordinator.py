import json

import pytest

from media.client.terminal.coordinator import CoordinatorError, RevokedError, refusal
from media.client.terminal.demo import DemoConfigError, parse_config

REVOKED = json.dumps({"type": "https://example.invalid/problems/terminal-revoked"}).encode()


def test_only_a_revoked_terminal_gives_up_its_token() -> None:
    assert isinstance(refusal(401, {}, REVOKED), RevokedError)
    for status, body in ((401, b'{"type": "about:blank"}'), (401, b"<html>"), (403, REVOKED)):
        assert isinstance(refusal(status, {}, body), CoordinatorError)


@pytest.mark.parametrize(("header", "wait"), [("7", 7.0), ("soon", None), ("", None), ("-1", None)])
def test_a_coordinator_that_asks_for_patience_is_heeded(header: str, wait: float | None) -> None:
    error = refusal(503, {"Retry-After": header}, b'{"title": "busy"}')
    assert isinstance(error, CoordinatorError)
    assert (error.wait, str(error)) == (wait, "503 busy")


def config(**entry: object) -> str:
    terminal = {"name": "室", "state_file": "a.json", **entry}
    return json.dumps({"coordinator": "http://c", "clip_directory": "d", "terminals": [terminal]})


def test_the_demo_reads_its_terminals() -> None:
    (settings,) = parse_config(config(token="t", clip="amber"))
    assert (settings.name, settings.token, settings.clip) == ("室", "t", "amber")
    assert (settings.coordinator, str(settings.clip_directory)) == ("http://c", "d")


@pytest.mark.parametrize("text", ["", "{}", config(clip="mauve"), config(state_file=None)])
def test_the_demo_names_what_is_wrong_with_its_configuration(text: str) -> None:
    with pytest.raises(DemoConfigError, match="demo configuration"):
        parse_config(text)
