"""Telling new words from quoted ones in a reply."""

from otklik.mail.parse.reply.trim import Trimmed, trim

__all__ = ["Trimmed", "trim"]
