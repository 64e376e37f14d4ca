"""Values that a field can have where they can be listed: for forms, chips and suggestions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation

from otklik.desks.models import Field as FormField
from otklik.tickets.jql.custom_fields import Answer
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.fields import (
    CATEGORIES,
    CHANNELS,
    LANGUAGES,
    SENDERS,
    CategoryField,
    ChannelField,
    Field,
    LanguageField,
    RowField,
    SenderField,
)
from otklik.tickets.jql.value_lookup import folded
from otklik.tickets.models import Ticket

# How many of the newest tickets are searched for labels in use.
LABELS_OF = 500
_CATEGORIES = {"ru": ("новые", "в работе", "ожидание", "готово"), "en": ("To Do", "In Progress", "Waiting", "Done")}
_CHANNELS = {"ru": ("почта", "портал", "телефон"), "en": ("mail", "portal", "phone")}
_LANGUAGES = {"ru": ("русский", "английский"), "en": ("Russian", "English")}
_SENDERS = {"ru": ("не подтверждён", "подтверждён"), "en": ("unverified", "verified")}
_YES_NO = {"ru": ("да", "нет"), "en": ("yes", "no")}


@dataclass(frozen=True, slots=True)
class Choice:
    """A value: `text` as written in the query, `label` as shown to people."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Choices:
    """The offered values, and the meaning of every known name; synonyms have one meaning."""

    offered: Sequence[Choice] = ()
    _meanings: dict[str, frozenset[Any]] = field(default_factory=dict)

    def meant(self, text: str) -> Choice | None:
        """Return the offered choice with the same meaning as this name, None if there is none."""
        meaning = self.meaning(text)
        return next((choice for choice in self.offered if meaning and self.meaning(choice.text) == meaning), None)

    def meaning(self, text: str) -> frozenset[Any]:
        """Return the ids or constants that the name means; empty for an unknown one."""
        return self._meanings.get(folded(text), frozenset())


def choices_of(asked: Field, asker: Asker) -> Choices:
    """Return the field's values that the asker may know of, in the active language; empty for free-form fields."""
    language = "ru" if translation.get_language() == "ru" else "en"
    match asked:
        case RowField():
            return _of_rows(asked, asker)
        case CategoryField():
            return _of_words(_CATEGORIES[language], CATEGORIES)
        case ChannelField():
            return _of_words(_CHANNELS[language], {word: (channel,) for word, channel in CHANNELS.items()})
        case LanguageField():
            return _of_words(_LANGUAGES[language], {word: (code,) for word, code in LANGUAGES.items()})
        case SenderField():
            return _of_words(_SENDERS[language], {word: (str(unverified),) for word, unverified in SENDERS.items()})
        case Answer() if asked.kind == FormField.Kind.CHECKBOX:
            return _of_words(_YES_NO[language], _pairs(_YES_NO))
        case Answer():
            return _of_options(asked)
    return Choices()


def labels_in_use(asker: Asker) -> list[str]:
    """Return labels of the newest LABELS_OF tickets whose staff the asker is, the most frequent first."""
    newest = asker.tickets.filter(asker.staffed_desks()).exclude(labels=[]).order_by("-pk")[:LABELS_OF]
    counts: dict[str, int] = {}
    for labels in Ticket.objects.filter(pk__in=list(newest.values_list("pk", flat=True))).values_list(
        "labels", flat=True
    ):
        for label in labels:
            counts[label] = counts.get(label, 0) + 1
    return sorted(counts, key=lambda label: (-counts[label], label))


def _pairs(words: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {word: (str(place),) for named in words.values() for place, word in enumerate(named)}


def _of_words(offered: Sequence[str], meanings: dict[str, tuple[str, ...]]) -> Choices:
    choices = [Choice(word, word[:1].upper() + word[1:]) for word in offered]
    return Choices(choices, {folded(word): frozenset(meaning) for word, meaning in meanings.items()})


def _of_rows(asked: RowField, asker: Asker) -> Choices:
    rows = asked.rows(asker)
    # A desk's key is used, because names change more often.
    by_key = asked.name == "project"
    offered = [Choice(row.names[0] if by_key else row.label, row.label) for row in rows]
    return Choices(_distinct(offered), _meanings([(row.pk, (*row.names, *row.full_names)) for row in rows]))


def _of_options(asked: Answer) -> Choices:
    options = asked.options()
    offered = [Choice(option.label, option.label) for option in options if not option.archived]
    return Choices(_distinct(offered), _meanings([((option.key, option.id), option.names) for option in options]))


def _distinct(choices: Sequence[Choice]) -> list[Choice]:
    return list({folded(choice.text): choice for choice in reversed(choices)}.values())[::-1]


def _meanings(named: Sequence[tuple[Any, Sequence[str]]]) -> dict[str, frozenset[Any]]:
    meanings: dict[str, set[Any]] = {}
    for meant, names in named:
        for name in names:
            meanings.setdefault(folded(name), set()).add(meant)
    return {name: frozenset(meaning) for name, meaning in meanings.items()}
