"""What tests of pages' parts need: translations compiled, and the cast as other connections see it."""

from tests.core.conftest import compiled_messages
from tests.postoffice import people

__all__ = ["compiled_messages", "people"]
