"""An end-to-end test that failed is run once more, in a process of its own, and is named.

A lesson has some twenty processes in it on two cores, and now and then one of them gets too little
of these. Such a failure does not come twice. What passes only the second time is counted as "rerun"
and listed at the end with what went wrong the first time; what fails twice has failed. This goes
for runs with workers, as `make test` is one; whoever runs a single test sees its first result.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

SECOND = "TONGKE_SECOND_RUN"
"""Set in the environment of the process that runs a test for the second time."""
WITHIN = 900
"""Seconds for a second run; pytest-timeout ends a test that hangs long before."""
FIRST_TIME = "failed the first time"
SHOWN = 12
"""Lines of a first failure that the summary shows."""


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test; where it fails, put the reports of a second run in place of its own."""
    alone = "PYTEST_XDIST_WORKER" not in os.environ or SECOND in os.environ
    if alone or item.get_closest_marker("e2e") is None:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    if failed := [report for report in reports if report.failed]:
        item.config.pluginmanager.hook.pytest_timeout_cancel_timer(item=item)
        output = run_again(item)
        if output is None:
            reports = [_passed(failed, report) for report in reports]
        else:
            failed[0].sections.append(("second run", output))
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def run_again(item: pytest.Item) -> str | None:
    """Run a test in a fresh process; return None when it passes, else what that process said."""
    environment = {name: value for name, value in os.environ.items() if name[:6] != "PYTEST"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", item.nodeid]
    try:
        ran = subprocess.run(
            command,
            cwd=item.config.rootpath,
            env={**environment, SECOND: "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WITHIN,
        )
    except subprocess.TimeoutExpired as error:
        return f"{error}\n{error.stdout!r}"
    return None if ran.returncode == 0 else ran.stdout + ran.stderr


def _passed(failed: Sequence[pytest.TestReport], report: pytest.TestReport) -> pytest.TestReport:
    """Turn the report of a phase that failed into one that passed, with what it had said."""
    if report in failed:
        told = report.longreprtext.splitlines()
        report.user_properties.append((FIRST_TIME, f"in its {report.when}: {_end(told)}"))
        report.outcome, report.longrepr = "passed", None
    return report


def _end(lines: Sequence[str]) -> str:
    """The last lines of a traceback, where its error stands."""
    return "\n".join(lines[-SHOWN:])


def first_failures(report: Any) -> list[str]:
    """Return what a report says of a first failure."""
    return [told for name, told in getattr(report, "user_properties", []) if name == FIRST_TIME]


def pytest_report_teststatus(report: Any) -> tuple[str, str, str] | None:
    return ("rerun", "R", "RERUN") if first_failures(report) else None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name every test that passed only when it was run once more."""
    rerun = terminalreporter.stats.get("rerun", [])
    if rerun:
        terminalreporter.section("passed only the second time, in a fresh process")
    for report in rerun:
        terminalreporter.write_line(f"RERUN {report.nodeid}")
        for told in first_failures(report):
            terminalreporter.write_line(f"  {FIRST_TIME} {told}")
