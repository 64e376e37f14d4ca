"""Lazy import of large modules that most processes never need."""

import importlib
from typing import Any


class Later:
    """Proxy for a module that is imported at the first attribute access. Thread-safe.

    Only for names used inside functions: a base class, decorator or annotation would import the module at once.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._name), name)
