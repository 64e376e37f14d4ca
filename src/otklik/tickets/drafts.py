"""Unsent words of every composer: which fields they are, who may keep some where, and what a page carries of them."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme

from otklik.core.fast_reads import fast_read
from otklik.core.ids import typed_id
from otklik.desks.access import portal_desks, usable_types, worked_desks
from otklik.desks.models import RequestType
from otklik.people.models import Person
from otklik.tickets.access import visible_tickets, worked_tickets
from otklik.tickets.answers.files import MOST_FILES, owner_of, taken_again
from otklik.tickets.commands.drafts import Hand, Place
from otklik.tickets.content import NewFile
from otklik.tickets.models import Draft, Message, Ticket, Vote

K = Draft.Kind
# TYPED: fields with typed text; BESIDES: choices, which alone are not worth a draft.
TYPED: dict[str, tuple[str, ...]] = {
    K.REQUEST: ("summary", "description", "raiseOnBehalfOf"),
    K.CALL: ("phone", "name", "address", "subject", "description"),
    K.COMMENT: ("comment",),
    K.REPLY: ("comment",),
    K.NOTE: ("comment",),
    K.EDIT: ("comment",),
    K.FORWARD: ("address", "comment"),
    K.RATING: ("words", "score"),
    K.QUESTION: ("addresses", "question"),
    K.APPROVAL: ("words",),
}
BESIDES: dict[str, tuple[str, ...]] = {
    K.CALL: ("person", "request_type", "priority"),
    K.QUESTION: ("rule",),
    K.FORWARD: ("file",),
    K.REPLY: ("step", "send_at", "unless_answered", "draft", "keep", "left_out", "added"),
}
WITH_FIELDS = {K.REQUEST, K.CALL}
_FIELD = re.compile(r"customfield_\d{1,18}(:1)?")
_KEPT = ".kept"
_WRITER = re.compile(r"[\w-]{0,32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DraftPart:
    """The context of `otklik/_draft.html` in a composer.

    `restored_at`: when the restored text was saved. `former`: "thrown" or "other" if something can be restored.
    `writer`: an id of this rendered page; `last`: who saved and who sent last, with their stamps.
    """

    place: str
    owner: str
    writer: str
    version: int
    last: str
    restored_at: datetime | None = None
    former: str = ""


def part_of(person: Person, place: Place, draft: Draft | None, *, restored: bool = True) -> DraftPart:
    """Return the composer's context. `restored` False: the page shows text that was just refused, not the draft's."""
    shown = draft is not None and restored and bool(draft.words or draft.files)
    return DraftPart(
        place=f"{place.kind}:{place.subject_id}",
        owner=owner_mark(person),
        writer=secrets.token_urlsafe(12),
        version=draft.version if draft else 0,
        last=f"{draft.writer} {draft.stamp} {draft.sent_by} {draft.sent_stamp}" if draft else "",
        restored_at=draft.updated_at if draft and shown else None,
        former=former_of(draft),
    )


def former_of(draft: Draft | None) -> str:
    """Return what can be restored: "thrown" (discarded), "other" (replaced), or "" for nothing."""
    return "" if draft is None or not draft.former else "thrown" if draft.former.get("thrown") else "other"


def owner_mark(person: Person) -> str:
    """Return an opaque id of the person, for drafts stored in the browser."""
    return salted_hmac("otklik.drafts", str(person.pk), algorithm="sha256").hexdigest()[:24]


def hand_of(post: Mapping[str, str]) -> Hand:
    """The writer of a posted draft, from the fields of `otklik/_draft.html`; an invalid one counts as none."""
    writer = post.get("draft.writer", "")
    numbers = (typed_id(post.get(f"draft.{name}", "")) for name in ("stamp", "base"))
    return Hand(writer if _WRITER.fullmatch(writer) else "", *numbers)


def page_of(post: Mapping[str, str]) -> str:
    """Return the path of the page with the composer, as posted; "/" if missing or not local."""
    page = post.get("draft.page", "")
    return page if page.startswith("/") and url_has_allowed_host_and_scheme(page, allowed_hosts=None) else "/"


def typed(post: QueryDict, kind: str) -> dict[str, list[str]]:
    """Return what was typed into a composer of this kind; {} if only choices were made."""
    own = TYPED[kind]
    names = {*own, *BESIDES.get(kind, ())}
    texts = {
        name: [str(value) for value in values]
        for name, values in post.lists()
        if (name in names or (kind in WITH_FIELDS and _FIELD.fullmatch(name))) and any(str(v).strip() for v in values)
    }
    return texts if any(name in own or _FIELD.fullmatch(name) for name in texts) else {}


def kept_files_of(post: QueryDict, person: Person) -> dict[str, list[NewFile]]:
    """Return the files that the page shows as attached, by field."""
    names = [name.removesuffix(_KEPT) for name in post if name.endswith(_KEPT)]
    wanted = [name for name in names if takes_files_named(name)][:MOST_FILES]
    return {name: taken_again(post.getlist(f"{name}{_KEPT}"), owner_of(person)) for name in wanted}


def takes_files_named(name: str) -> bool:
    """Return whether a field of this name may hold files."""
    return name == "attachments" or bool(_FIELD.fullmatch(name))


def files_of(draft: Draft | None) -> dict[str, list[NewFile]]:
    """Return a draft's files by field; unreadable ones are left out."""
    files = draft.files if draft is not None and isinstance(draft.files, dict) else {}
    return {
        str(name): [file for stored in stored_files if (file := _file(stored))] for name, stored_files in files.items()
    }


def _file(stored: Any) -> NewFile | None:
    try:
        return NewFile(**stored)
    except TypeError:
        return None


def draft_at(person: Person, place: Place) -> Draft | None:
    """Return the person's draft in this composer. One query."""
    return Draft.objects.filter(person=person, kind=place.kind, subject_id=place.subject_id).first()


@fast_read("person", "ticket")
def _begun(*, person: int, ticket: int) -> QuerySet[Draft]:
    return draft_rows(Person(pk=person), Ticket(pk=ticket))


def draft_rows(person: Person, ticket: Ticket) -> QuerySet[Draft]:
    """The rows of `Begun`."""
    return Draft.objects.filter(person=person.pk, ticket=ticket.pk)


class Begun:
    """All drafts of a person on a ticket. One query; none if the caller knows that there are none (`there` False)."""

    def __init__(self, person: Person, ticket: Ticket, *, there: bool = True) -> None:
        self.person, self.ticket = person, ticket
        rows = _begun(person=person.pk, ticket=ticket.pk) if there else []
        self._rows = {(draft.kind, draft.subject_id): draft for draft in rows}

    def row(self, kind: str, subject_id: int = 0) -> Draft | None:
        """Return the draft of this kind; `subject_id` 0 is the ticket itself."""
        return self._rows.get((kind, subject_id or self.ticket.pk))

    def said(self, kind: str, name: str, subject_id: int = 0) -> str:
        """Return one field of the draft as typed."""
        return said_in(self.row(kind, subject_id), name)

    def part(self, kind: str, subject_id: int = 0, *, restored: bool = True) -> DraftPart:
        """The state of a draft for the composer's template. `subject_id`: 0 for the ticket itself."""
        place = Place(kind, subject_id or self.ticket.pk, self.ticket.pk)
        return part_of(self.person, place, self.row(kind, subject_id), restored=restored)


def said_in(draft: Draft | None, name: str) -> str:
    """Return the first value of a field, "" if there is none."""
    values = draft.words.get(name) if draft is not None and isinstance(draft.words, dict) else None
    return str(values[0]) if isinstance(values, list) and values else ""


def said_all(draft: Draft | None, name: str) -> list[str]:
    """Return all values of a field."""
    values = draft.words.get(name) if draft is not None and isinstance(draft.words, dict) else None
    return [str(value) for value in values] if isinstance(values, list) else []


def place_of(person: Person, text: str) -> Place | None:
    """Return the composer that a page named ("comment:15"), if the person may use it; otherwise None."""
    kind, _, number = text.partition(":")
    find, subject_id = _FINDERS.get(kind), typed_id(number)
    return find(person, kind, subject_id) if find is not None and subject_id else None


def _at_type(person: Person, kind: str, subject_id: int) -> Place | None:
    request_type = RequestType.objects.filter(pk=subject_id).select_related("desk").first()
    if request_type is None or not portal_desks(person).filter(pk=request_type.desk_id).exists():
        return None
    return (
        Place(kind, request_type.pk)
        if usable_types(person, request_type.desk).filter(pk=request_type.pk).exists()
        else None
    )


def _at_desk(person: Person, kind: str, subject_id: int) -> Place | None:
    return Place(kind, subject_id) if worked_desks(person).filter(pk=subject_id).exists() else None


def _on_ticket(person: Person, kind: str, subject_id: int) -> Place | None:
    tickets = worked_tickets(person) if kind in {K.REPLY, K.NOTE, K.QUESTION} else visible_tickets(person)
    return Place(kind, subject_id, subject_id) if tickets.filter(pk=subject_id).exists() else None


def _of_message(person: Person, kind: str, subject_id: int) -> Place | None:
    mine = Message.objects.filter(pk=subject_id, author=person, ticket__in=visible_tickets(person))
    ticket_id = mine.values_list("ticket_id", flat=True).first()
    return Place(kind, subject_id, ticket_id) if ticket_id else None


def _to_forward(person: Person, kind: str, subject_id: int) -> Place | None:
    read = Message.objects.filter(pk=subject_id, ticket__in=worked_tickets(person))
    ticket_id = read.values_list("ticket_id", flat=True).first()
    return Place(kind, subject_id, ticket_id) if ticket_id else None


def _of_approval(person: Person, kind: str, subject_id: int) -> Place | None:
    asked = Vote.objects.filter(approval=subject_id, person=person)
    ticket_id = asked.values_list("approval__ticket_id", flat=True).first()
    return Place(kind, subject_id, ticket_id) if ticket_id else None


_FINDERS: dict[str, Callable[[Person, str, int], Place | None]] = {
    K.REQUEST: _at_type,
    K.CALL: _at_desk,
    **dict.fromkeys((K.COMMENT, K.REPLY, K.NOTE, K.RATING, K.QUESTION), _on_ticket),
    K.EDIT: _of_message,
    K.FORWARD: _to_forward,
    K.APPROVAL: _of_approval,
}
