"""The wording of a command's refusal on a page."""

from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo

_LONGEST = 20_000


def refusal_words(error: UnableTo, typed: str = "") -> str:
    """Return the refusal as a sentence, followed by what was `typed` if the next page has no form with it."""
    return with_typed(error.translated(), typed)


def with_typed(sentence: str, typed: str) -> str:
    """Return the sentence followed by what was typed, cut to _LONGEST characters."""
    return sentence + " " + _("You wrote: “%(words)s”") % {"words": typed[:_LONGEST]} if typed.strip() else sentence
