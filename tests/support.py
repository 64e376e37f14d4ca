"""Words for tests that need something of the machine."""

import os

import pytest


def require(condition: object, reason: str) -> None:
    """Skip the test where the machine lacks what it needs; on the CI machine, which must have it, fail."""
    if condition:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (CI=true: nothing may be skipped)")
    pytest.skip(reason)
