"""What a command refuses, in the reader's language. Commands speak plain English; here is the edge."""

from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.people.addresses import BadAddress
from otklik.tickets.uploads import FileTooLarge, NoRoom

_LONGEST = 20_000


def refusal_words(error: UnableTo, typed: str = "") -> str:
    """One sentence for the page; with what was `typed`, where the page that follows has no box to show it in."""
    return with_typed(_refusal(error), typed)


def with_typed(said: str, typed: str) -> str:
    """The sentence, and what was typed, cut where it is longer than any box takes."""
    return said + " " + _("You wrote: “%(words)s”") % {"words": typed[:_LONGEST]} if typed.strip() else said


def _refusal(error: UnableTo) -> str:
    if isinstance(error, BadAddress):
        return _("This is not a mail address.")
    if isinstance(error, FileTooLarge):
        return _("One of the files is too large. Nothing was sent.")
    if isinstance(error, NoRoom):
        return _("There is no room for files just now. Nothing was sent; try again later, or without files.")
    return _(str(error)) if str(error) else _("This cannot be done now.")
