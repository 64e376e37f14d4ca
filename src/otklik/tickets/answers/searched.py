"""What a search finds of a request's answers."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils import translation

from otklik.desks.models import Field
from otklik.tickets.answers.words import words_of

# «yes» tells nothing; names of files are found with the message that has them.
_SILENT = frozenset({Field.Kind.CHECKBOX, Field.Kind.ATTACHMENT})


def searched_words(rows: Iterable[Field], answers: Mapping[str, Any]) -> str:
    """The answers as words, in every language of the site, one a line; what customers are not shown is left out."""
    shown = [row for row in rows if row.key in answers and _is_searched(row)]
    found: dict[str, None] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= {words_of(row, answers[row.key]): None for row in shown}
    return "\n".join(found)


def _is_searched(row: Field) -> bool:
    return not row.built_in and not row.hidden and row.kind not in _SILENT
