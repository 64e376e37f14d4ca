"""Store a background command's refusal as its code, to be worded later in the reader's language."""

import json

from otklik.core.errors import Term, UnableTo, translated_refusal
from otklik.tickets.refusals import TicketRefusal

_MARK = "@"
_REFUSALS = {refusal.code: refusal for refusal in TicketRefusal}


def stored(error: UnableTo, most: int) -> str:
    """The refusal in at most `most` characters.

    What has no room as a code with its values, and refusals of other packages, are words of the active language.
    """
    values = {name: [value] if isinstance(value, Term) else value for name, value in error.values.items()}
    code = _MARK + json.dumps([error.code, values], ensure_ascii=False, default=str)
    return code if error.refusal in _REFUSALS.values() and len(code) <= most else error.translated()[:most]


def translated(text: str) -> str:
    """What `stored` made, in the active language; any other text, as older versions stored, as it is."""
    if not text.startswith(_MARK):
        return text
    try:
        code, values = json.loads(text.removeprefix(_MARK))
        typed = {name: Term(*value) if isinstance(value, list) else value for name, value in values.items()}
        return translated_refusal(_REFUSALS[code], typed)
    except (ValueError, TypeError, AttributeError, KeyError):  # of a newer version, or somebody's own words
        return text
