"""What a command refuses, in the reader's language: one sentence list for both faces."""

from otklik.tickets.refusals import refusal_words

__all__ = ["refusal_words"]
