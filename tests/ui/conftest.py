"""Fixtures for tests of page parts: compiled translations, and the cast visible to other connections."""

from tests.core.conftest import compiled_messages
from tests.postoffice import people

__all__ = ["compiled_messages", "people"]
