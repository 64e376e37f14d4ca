"""A pytest plugin: tests with real browsers and servers are retried once, and the report names them (ADR 115)."""

import pytest
from _pytest.terminal import TerminalReporter

# Retries allowed per run; more are not chance, so the run fails.
AT_MOST = 3
_MARKERS = ("browser", "services")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests to be retried; `pytest -p no:rerunfailures` disables it."""
    if not config.pluginmanager.hasplugin("rerunfailures"):
        return
    for item in items:
        if any(item.get_closest_marker(name) for name in _MARKERS):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Name the tests that failed at first."""
    names = tried_twice(terminalreporter)
    if names:
        terminalreporter.section("tried twice: each is a defect of the test or of the product", yellow=True)
        for name in names:
            terminalreporter.line(name)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run in which more than AT_MOST tests were retried."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == pytest.ExitCode.OK and reporter and len(tried_twice(reporter)) > AT_MOST:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def tried_twice(reporter: TerminalReporter) -> list[str]:
    """Return the ids of the tests that failed at first, in the order of the run."""
    return list(dict.fromkeys(report.nodeid for report in reporter.stats.get("rerun", [])))
