"""The post office around the workers."""

from tests.postoffice import people, sink

__all__ = ["people", "sink"]
