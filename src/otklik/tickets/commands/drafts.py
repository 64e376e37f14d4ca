"""Save, delete and restore drafts. They record no events, since only the writer sees them.

The newest words win, whatever tab or device they come from; what they replaced stays beside them until it is brought
back or something is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.core.locks import lock
from otklik.people.models import Person
from otklik.tickets.answers.files import as_json
from otklik.tickets.content import NewFile
from otklik.tickets.models import Draft, Ticket

LONGEST = 300_000

Words = Mapping[str, Sequence[str]]
Files = Mapping[str, Sequence[NewFile]]


@dataclass(frozen=True, slots=True)
class Place:
    """One composer: what is written there, and on which ticket, if on one."""

    kind: str
    subject_id: int
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes: a showing of a page (`writer`) at its keystroke `stamp`, which knew the draft as `base`.

    Without a script the stamp is 0; who posts without a page has no writer.
    """

    writer: str = ""
    stamp: int = 0
    base: int = 0


def keep_draft(
    *, person: Person, at: datetime, place: Place, words: Words, files: Files, by: Hand, older: bool = False
) -> Draft:
    """Remember the words ({form field: values as typed}) and files; nothing typed: forget what was there.

    Words beyond LONGEST characters altogether are not kept. What came too late (something newer of the same page was
    kept or sent) changes nothing. Words of another page that this one did not know become the former ones; `older`:
    the other way round, these are set beside what is there, be it nothing. Returns the row, not saved where there is
    nothing to remember.
    """
    with transaction.atomic():
        draft = _locked(person, place, at)
        if _is_late(draft, by):
            return draft
        now, before = _content(words, files), _content_of(draft)
        unknown = draft.writer != by.writer and draft.version > by.base and bool(before) and before != now
        if older:
            draft.former = now if now and now != before else draft.former
        else:
            draft.former = before if unknown else draft.former
            _put(draft, now)
            draft.writer, draft.stamp = by.writer, by.stamp
        return _saved(draft, at)


def settle_draft(*, person: Person, at: datetime, place: Place, words: Words, by: Hand) -> None:
    """These words were sent: the draft of them goes. One that was written on elsewhere meanwhile stays, or comes back
    where these words had taken its place."""
    with transaction.atomic():
        draft = _locked(person, place, at)
        sent = _content(words, {}).get("words", {})
        if draft.writer == by.writer or draft.version <= by.base or draft.words == sent:
            other = {} if draft.former.get("thrown") or draft.former.get("words") == sent else draft.former
            _put(draft, other)
            draft.former = {}
            draft.writer, draft.stamp = "", 0
        draft.sent_by, draft.sent_stamp = by.writer, by.stamp
        _saved(draft, at)


def throw_draft(*, person: Person, at: datetime, place: Place, words: Words, files: Files, by: Hand) -> None:
    """Throw away what is on the page and what was kept; it can be brought back."""
    with transaction.atomic():
        draft = _locked(person, place, at)
        gone = _content(words, files) or _content_of(draft)
        draft.former = {**gone, "thrown": True} if gone else draft.former
        _put(draft, {})
        draft.writer, draft.stamp = by.writer, by.stamp
        _saved(draft, at)


def restore_draft(*, person: Person, at: datetime, place: Place, words: Words, files: Files, by: Hand) -> None:
    """Bring back what was thrown away or replaced; what is on the page now takes its place."""
    with transaction.atomic():
        draft = _locked(person, place, at)
        if draft.former:
            replaced = _content(words, files) or _content_of(draft)
            _put(draft, draft.former)
            draft.former = replaced
            draft.writer, draft.stamp = by.writer, by.stamp
        _saved(draft, at)


def _locked(person: Person, place: Place, at: datetime) -> Draft:
    """The row, made if need be. The ticket comes first, as with whoever sends from it and settles the draft then: a new
    row refers to the ticket, and the two would wait for each other."""
    if place.ticket_id is not None:
        lock(Ticket, place.ticket_id, weakly=True)
    draft, _made = Draft.objects.get_or_create(
        person=person,
        kind=place.kind,
        subject_id=place.subject_id,
        defaults={"ticket_id": place.ticket_id, "updated_at": at},
    )
    return lock(Draft, draft.pk)


def _is_late(draft: Draft, by: Hand) -> bool:
    """Whether something newer of the same page was kept or sent already."""
    known = {draft.writer: draft.stamp}
    known[draft.sent_by] = max(draft.sent_stamp, known.get(draft.sent_by, 0))
    return bool(by.writer) and 0 < by.stamp <= known.get(by.writer, 0)


def _saved(draft: Draft, at: datetime) -> Draft:
    """A row that holds nothing stays only where a script's saving may still be under way."""
    draft.version, draft.updated_at = draft.version + 1, at
    if draft.words or draft.files or draft.former or draft.sent_stamp:
        draft.save()
    else:
        draft.delete()
    return draft


def _put(draft: Draft, content: Mapping[str, Any]) -> None:
    draft.words, draft.files = content.get("words", {}), content.get("files", {})


def _content_of(draft: Draft) -> dict[str, Any]:
    return {"words": draft.words, "files": draft.files} if draft.words or draft.files else {}


def _content(words: Words, files: Files) -> dict[str, Any]:
    content, left = {}, LONGEST
    for name, values in words.items():
        left -= sum(len(value) for value in values)
        if left >= 0 and any(value.strip() for value in values):
            content[name] = list(values)
    names = {name: [as_json(file) for file in some] for name, some in files.items() if some}
    return {"words": content, "files": names} if content or names else {}
