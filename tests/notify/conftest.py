"""The post office around the notices."""

from tests.postoffice import intake, people, sink

__all__ = ["intake", "people", "sink"]
