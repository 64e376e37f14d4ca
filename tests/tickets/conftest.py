"""The cast, visible to other connections."""

from tests.postoffice import people

__all__ = ["people"]
