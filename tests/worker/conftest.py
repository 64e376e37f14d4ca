"""The post office around the workers."""

from tests.postoffice import intake, people, sink

__all__ = ["intake", "people", "sink"]
