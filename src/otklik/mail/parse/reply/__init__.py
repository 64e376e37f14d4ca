"""Separate the new words of a reply from quoted ones."""

from otklik.mail.parse.reply.answer import new_words
from otklik.mail.parse.reply.known_text import Known
from otklik.mail.parse.reply.signature import without_signature
from otklik.mail.parse.reply.subject import new_subject
from otklik.mail.parse.reply.trim import Trimmed, trim

__all__ = ["Known", "Trimmed", "new_subject", "new_words", "trim", "without_signature"]
