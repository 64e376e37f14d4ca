"""Lazy import of large modules that most processes never need."""

import importlib
from typing import Any


class Later:
    """Stands for a module; each attribute is the module's. Threads may share it.

    Only for what functions use: a base class, decorator or annotation would load the module at once.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._name), name)
