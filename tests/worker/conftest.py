"""Fixtures of the workers' tests: a running intake and a mail server to send to."""

from tests.postoffice import intake, people, sink

__all__ = ["intake", "people", "sink"]
