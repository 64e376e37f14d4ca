"""Save, delete and restore drafts. They record no events, since only the writer sees them.

The latest text wins, whatever tab or device it comes from; the text it replaced is kept until it is restored or
something is sent.
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
    """One composer: its kind, the object it writes about, and the ticket, if any."""

    kind: str
    subject_id: int
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """The writing page (`writer`), its last keystroke (`stamp`), and the draft's version that it knew (`base`).

    Without JavaScript `stamp` is 0; a request without a page has no `writer`.
    """

    writer: str = ""
    stamp: int = 0
    base: int = 0


def keep_draft(
    *, person: Person, at: datetime, place: Place, words: Words, files: Files, by: Hand, older: bool = False
) -> Draft:
    """Save text ({form field: values}) and files as the draft; nothing typed clears it. Returns the row.

    The row is unsaved if there is nothing to keep. Text of more than LONGEST characters in all is not saved. Saves that
    arrive late (something newer from the same page was saved or sent) change nothing. Text of another page that this
    one did not know becomes the former text; with `older` it is the reverse: the given text is stored as the former
    one.
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
    """Remove the draft of text that was sent. A draft written elsewhere meanwhile stays, or is restored if the sent
    text had replaced it."""
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
    """Discard the page's text and the draft; `restore_draft` can bring it back."""
    with transaction.atomic():
        draft = _locked(person, place, at)
        gone = _content(words, files) or _content_of(draft)
        draft.former = {**gone, "thrown": True} if gone else draft.former
        _put(draft, {})
        draft.writer, draft.stamp = by.writer, by.stamp
        _saved(draft, at)


def restore_draft(*, person: Person, at: datetime, place: Place, words: Words, files: Files, by: Hand) -> None:
    """Restore what was discarded or replaced; the page's current text becomes the former text."""
    with transaction.atomic():
        draft = _locked(person, place, at)
        if draft.former:
            replaced = _content(words, files) or _content_of(draft)
            _put(draft, draft.former)
            draft.former = replaced
            draft.writer, draft.stamp = by.writer, by.stamp
        _saved(draft, at)


def _locked(person: Person, place: Place, at: datetime) -> Draft:
    """Lock the row, creating it if missing.

    Locks the ticket first, as commands do that send and then settle the draft; a new row refers to the ticket, and the
    reverse order would deadlock.
    """
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
    """Return whether something newer of the same page was saved or sent already."""
    known = {draft.writer: draft.stamp}
    known[draft.sent_by] = max(draft.sent_stamp, known.get(draft.sent_by, 0))
    return bool(by.writer) and 0 < by.stamp <= known.get(by.writer, 0)


def _saved(draft: Draft, at: datetime) -> Draft:
    """Save the row, or delete it if it is empty and no save of the page's script can be under way."""
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
    names = {name: [as_json(file) for file in uploads] for name, uploads in files.items() if uploads}
    return {"words": content, "files": names} if content or names else {}
