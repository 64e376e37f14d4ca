"""Skipping of tests on machines that lack a program or service."""

import os

import pytest


def require(condition: object, reason: str) -> None:
    """Skip the test if the machine lacks what it needs; under CI, fail instead."""
    if condition:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (CI=true: nothing may be skipped)")
    pytest.skip(reason)
