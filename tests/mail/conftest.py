"""The post office around the outbox."""

from tests.postoffice import intake, people, sink

__all__ = ["intake", "people", "sink"]
