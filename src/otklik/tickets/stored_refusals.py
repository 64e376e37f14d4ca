"""Store a background command's refusal as its code, to be worded later in the reader's language."""

import json

from otklik.core.errors import Term, UnableTo, translated_refusal
from otklik.tickets.refusals import TicketRefusal

_MARK = "@"
_REFUSALS = {refusal.code: refusal for refusal in TicketRefusal}


def stored(error: UnableTo, most: int) -> str:
    """Return the refusal as text of at most `most` characters, for storing.

    A code with its values, or, if that is too long or of another package, the sentence in the active language.
    """
    values = {name: [value] if isinstance(value, Term) else value for name, value in error.values.items()}
    code = _MARK + json.dumps([error.code, values], ensure_ascii=False, default=str)
    return code if error.refusal in _REFUSALS.values() and len(code) <= most else error.translated()[:most]


def translated(text: str) -> str:
    """Return the sentence of what `stored` returned, in the active language; any other text unchanged."""
    if not text.startswith(_MARK):
        return text
    try:
        code, values = json.loads(text.removeprefix(_MARK))
        typed = {name: Term(*value) if isinstance(value, list) else value for name, value in values.items()}
        return translated_refusal(_REFUSALS[code], typed)
    except (ValueError, TypeError, AttributeError, KeyError):  # stored by a newer version, or plain text
        return text
