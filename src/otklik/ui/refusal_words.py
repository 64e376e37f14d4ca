"""The wording of a command's refusal on a page."""

from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo

_LONGEST = 20_000


def refusal_words(error: UnableTo, typed: str = "") -> str:
    """One sentence for the page; with what was `typed`, where the page that follows has no box to show it in."""
    return with_typed(error.translated(), typed)


def with_typed(sentence: str, typed: str) -> str:
    """The sentence, and what was typed, cut where it is longer than any box takes."""
    return sentence + " " + _("You wrote: “%(words)s”") % {"words": typed[:_LONGEST]} if typed.strip() else sentence
