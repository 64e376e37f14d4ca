"""Tests of real browsers and servers have a second try, which the report names (ADR 115). A pytest plugin."""

import pytest
from _pytest.terminal import TerminalReporter

# So many tests of one run may need it; more are no chance.
AT_MOST = 3
_MARKERS = ("browser", "services")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`pytest -p no:rerunfailures` gives none."""
    if not config.pluginmanager.hasplugin("rerunfailures"):
        return
    for item in items:
        if any(item.get_closest_marker(name) for name in _MARKERS):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say which tests failed at first."""
    names = tried_twice(terminalreporter)
    if names:
        terminalreporter.section("tried twice: each is a defect of the test or of the product", yellow=True)
        for name in names:
            terminalreporter.line(name)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A run fails in which more than a few needed it."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == pytest.ExitCode.OK and reporter and len(tried_twice(reporter)) > AT_MOST:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def tried_twice(reporter: TerminalReporter) -> list[str]:
    """Ids of the tests that failed at first, in the order of the run."""
    return list(dict.fromkeys(report.nodeid for report in reporter.stats.get("rerun", [])))
