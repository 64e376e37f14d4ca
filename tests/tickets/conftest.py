"""The cast as other connections see it."""

from tests.postoffice import people

__all__ = ["people"]
