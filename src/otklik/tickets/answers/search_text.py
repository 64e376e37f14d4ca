"""The searchable text of a ticket's answers."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils import translation

from otklik.desks.models import Field
from otklik.tickets.answers.display import words_of

# "Yes" is no useful search term; file names are indexed with their message.
_SILENT = frozenset({Field.Kind.CHECKBOX, Field.Kind.ATTACHMENT})


def searched_words(rows: Iterable[Field], answers: Mapping[str, Any]) -> str:
    """Return the search text of the answers, in every language of the site, one per line.

    Answers that customers are not shown are left out.
    """
    shown = [field for field in rows if field.key in answers and _is_searched(field)]
    texts: dict[str, None] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts |= {words_of(field, answers[field.key]): None for field in shown}
    return "\n".join(texts)


def _is_searched(field: Field) -> bool:
    return not field.built_in and not field.hidden and field.kind not in _SILENT
