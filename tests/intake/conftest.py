"""The post office around the intake."""

from tests.postoffice import intake, people, sink

__all__ = ["intake", "people", "sink"]
