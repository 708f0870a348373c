"""A pytest plugin for the runs of `make mutate`: no searching for the smallest example."""

from hypothesis import HealthCheck, Phase, settings


def pytest_sessionstart() -> None:
    """The same examples in each run, and the first failing one is enough."""
    settings.register_profile(
        "mutate",
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("mutate")
