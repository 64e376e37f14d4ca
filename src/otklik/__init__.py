"""Otklik: a technical-support service desk that loses nothing."""

__version__ = "0.1.0"
