"""Fixtures that every test may ask for."""

from hypothesis import HealthCheck, settings

from tests.support.databases import (  # noqa: F401 - pytest finds fixtures by their names here
    any_db,
    database_url,
    db,
    migrated_postgres,
    migrated_sqlite,
    postgres,
    sqlite_url,
)
from tests.support.lanes import pytest_xdist_make_scheduler  # noqa: F401 - a hook of this name
from tests.support.no_skips import (  # noqa: F401 - and hooks as well
    pytest_make_collect_report,
    pytest_runtest_makereport,
)
from tests.support.second_run import (  # noqa: F401 - hooks, too
    pytest_report_teststatus,
    pytest_runtest_protocol,
    pytest_terminal_summary,
)

# No test asserts how fast it is, so that a busy machine fails none: hypothesis must not, either.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
