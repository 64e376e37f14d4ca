"""Page data for lists of canned answers, and for choosing one at a ticket."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from otklik.core.search_text import fold, variants
from otklik.desks.models import CannedAnswer
from otklik.notify.texts.mail_kinds import LANGUAGES
from otklik.people.models import Person
from otklik.tickets.models import Ticket
from otklik.workspace.canned_answers import Filled, Filler, files_of, languages_for, usable_answers

# How many a search at a ticket offers.
MOST = 30
_BEGINNING = 140


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer in a list. `times`: how often everybody has inserted it; `files`: names of its files."""

    id: int
    name: str
    languages: str
    begins: str
    files: str
    times: int
    url: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class Folder:
    """The answers of one folder; `name` "" for those in none."""

    name: str
    rows: list[AnswerRow]


@dataclass(frozen=True, slots=True)
class RemovedAnswer:
    """A deleted answer that can be restored. `just`: it was deleted a moment ago."""

    name: str
    at: datetime
    url: str
    just: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer in one language, as the list below a composer shows it. `begins`: how its filled text begins."""

    id: int
    language: str
    label: str
    detail: str
    begins: str


@dataclass(frozen=True, slots=True)
class Insertable:
    """An answer that can be inserted, with its filled text in one language and the names of its files."""

    choice: Choice
    filled: Filled
    files: str


def folders_of(answers: QuerySet[CannedAnswer]) -> list[Folder]:
    """The answers by folder, names in order. One query."""
    rows = list(answers.annotate(times=Sum("uses__times")).order_by("folder", "name", "id"))
    return [Folder(name, [_row(answer) for answer in group]) for name, group in groupby(rows, lambda row: row.folder)]


def folder_names(answers: QuerySet[CannedAnswer]) -> list[str]:
    """The folders in use, for the form's suggestions. One query."""
    return list(answers.exclude(folder="").order_by("folder").values_list("folder", flat=True).distinct())


def removed_rows(answers: Iterable[CannedAnswer], just: str) -> list[RemovedAnswer]:
    """`just`: the id, as an address has it, of the answer deleted a moment ago."""
    return [
        RemovedAnswer(
            name=answer.name,
            at=answer.removed_at,
            url=reverse("workspace:restore_canned_answer", args=[answer.pk]),
            just=str(answer.pk) == just,
        )
        for answer in answers
        if answer.removed_at is not None
    ]


def insertable(person: Person, ticket: Ticket, typed: str = "") -> list[Insertable]:
    """Answers of which each typed word begins a word of name, folder or text, in either keyboard layout; those that the
    person uses most first, at most MOST. Each stands there once in every language, the requester's first. One query,
    and two more for an answer that names what the request's form asked.
    """
    filler = Filler(ticket, person)
    found: list[Insertable] = []
    for answer in usable_answers(person, ticket):
        if len(found) >= MOST:
            break
        if _fits(answer, typed):
            found += [_insertable(answer, language, filler) for language in languages_for(ticket, answer)]
    return found[:MOST]


def _insertable(answer: CannedAnswer, language: str, filler: Filler) -> Insertable:
    filled = filler.filled(answer, language)
    whose = _("mine") if answer.owner_id else ""
    several = _language(language) if len(answer.texts) > 1 else ""
    files = _files(answer)
    with_files = _("with %(files)s") % {"files": files} if files else ""
    detail = " · ".join(filter(None, [answer.folder, several, whose, with_files]))
    return Insertable(Choice(answer.pk, language, answer.name, detail, _begins(filled.text)), filled, files)


def _row(answer: CannedAnswer) -> AnswerRow:
    languages = [code for code in LANGUAGES if code in answer.texts]
    return AnswerRow(
        id=answer.pk,
        name=answer.name,
        languages=", ".join(map(_language, languages)),
        begins=_begins(answer.texts[languages[0]].get("text", "") if languages else ""),
        files=_files(answer),
        times=getattr(answer, "times", 0) or 0,
        url=reverse("workspace:edit_canned_answer", args=[answer.pk]),
        remove_url=reverse("workspace:remove_canned_answer", args=[answer.pk]),
    )


def _files(answer: CannedAnswer) -> str:
    return ", ".join(file.name for file in files_of(answer))


def _fits(answer: CannedAnswer, typed: str) -> bool:
    if not typed.strip():
        return True
    texts = " ".join(str(parts.get("text", "")) for parts in answer.texts.values())
    words = set(_words(f"{answer.name} {answer.folder} {texts}"))
    return any(
        all(any(word.startswith(part) for word in words) for part in _words(variant)) for variant in variants(typed)
    )


def _words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in fold(text)).split()


def _begins(text: str) -> str:
    return Truncator(" ".join(str(text).split())).chars(_BEGINNING)


def _language(code: str) -> str:
    return _(dict(settings.LANGUAGES).get(code, code))
