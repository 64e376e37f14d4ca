"""Redact a person from tickets: names, addresses, phones, form answers, files.

What no program can tell stays: a person described without being named.
"""

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Q, QuerySet

from otklik.desks.models import Field
from otklik.mail.models import InboundMail, OutboundFile, OutboundMail
from otklik.people.models import Person
from otklik.tickets.answers.search_text import searched_words
from otklik.tickets.models import (
    Approval,
    Attachment,
    BulkItem,
    BulkRun,
    Change,
    Draft,
    Forward,
    ListExport,
    Message,
    MessageRevision,
    PendingReply,
    Rating,
    Ticket,
    Vote,
)

GONE = "…"
_OF_MESSAGES = ("text", "quoted", "html", "layout", "claimed_author", "besides", "why")
_OF_FORWARDS = ("address", "author")
_OF_DRAFTS = ("words", "files", "former")
# Answers chosen from given options do not tell who chose; others are the person's own words.
_IMPERSONAL = frozenset({Field.Kind.CHOICE, Field.Kind.CHOICES, Field.Kind.CASCADE, Field.Kind.CHECKBOX})
_SHORTEST_STEM, _SHORTEST_PHONE = 4, 7
_ENDING = re.compile(r"(?:[иыоа]й|[ая]я|[аеёиоуыэюяьй])$")


class Redactor:
    """Finds a person in a text: by addresses, logins, phones, full name, and each part of the name in inflected forms.

    Logins match whole words only, so that «ann» is not found in "planned".
    """

    def __init__(
        self, *, name: str, addresses: Iterable[str], phones: Iterable[str], logins: Iterable[str] = ()
    ) -> None:
        known = [f"(?i:{re.escape(address)})" for address in addresses if address]
        known += [rf"(?<!\w)(?i:{re.escape(login)})(?!\w)" for login in logins if len(login) > 1]
        known += [number for phone in phones if (number := _phone(phone))]
        known += [f"(?i:{re.escape(name)})"] if name else []
        known += [_word(part) for part in re.findall(r"\w{2,}", name)]
        self._pattern = re.compile("|".join(known)) if known else None

    def __call__(self, text: str) -> str:
        """Return the text with the person replaced by GONE."""
        return self._pattern.sub(GONE, text) if self._pattern else text

    def value(self, value: Any) -> Any:
        """Redact the strings in a JSON value, at any depth; other values are unchanged."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {key: self.value(nested) for key, nested in value.items()}
        return [self.value(nested) for nested in value] if isinstance(value, list) else value


def tickets_of(person: Person) -> QuerySet[Ticket]:
    """Return the tickets of which the person ever was requester, participant or author."""
    known = Q(requester=person) | Q(participants__person=person) | Q(messages__author=person)
    return Ticket.objects.filter(pk__in=Ticket.objects.filter(known).values("pk"))


def forget_in_tickets(person: Person, redactor: Redactor) -> None:
    """Redact the person in all their tickets; delete their files and free answers."""
    for ticket in tickets_of(person).iterator(chunk_size=200):
        _forget_files(person, ticket)
        if ticket.requester_id == person.pk:
            _forget_answers(ticket)
        for instance, names in _texts(ticket):
            _rewrite(instance, names, redactor)
    _forget_lists(person, redactor)
    # Drafts of calls for the person; customers' drafts of requests are their own.
    for draft in Draft.objects.filter(kind=Draft.Kind.CALL).iterator(chunk_size=200):
        _rewrite(draft, _OF_DRAFTS, redactor)


def forget_as_outsider(addresses: Iterable[str], redactor: Redactor) -> None:
    """Redact messages forwarded to these addresses and the replies, on others' tickets."""
    forwards = Forward.objects.filter(address__in=addresses)
    of_outsider = Q(forward__in=forwards) | Q(answers_forward__forward__in=forwards)
    messages = list(Message.objects.filter(of_outsider))
    for mail in InboundMail.objects.filter(messages__in=messages).defer("raw", "error"):
        _rewrite(mail, ("subject", "reason", "from_name"), redactor)
    for notice in OutboundMail.objects.filter(ticket_id__in={message.ticket_id for message in messages}):
        _rewrite(notice, ("subject", "text", "html"), redactor)
    for message in messages:
        _rewrite(message, _OF_MESSAGES, redactor)
    for forward in forwards:
        _rewrite(forward, _OF_FORWARDS, redactor)


def _texts(ticket: Ticket) -> Iterable[tuple[Model, tuple[str, ...]]]:
    """Yield every row of the ticket that contains text, with the names of its text fields."""
    yield ticket, ("subject", "labels")
    # Dates contain no names and must stay parseable.
    for change in Change.objects.filter(ticket=ticket).exclude(field=Change.Field.DUE):
        yield change, ("old", "new")
    for message in Message.objects.filter(ticket=ticket):
        yield message, _OF_MESSAGES
    for revision in MessageRevision.objects.filter(message__ticket=ticket):
        yield revision, ("text",)
    for forward in Forward.objects.filter(message__ticket=ticket):
        yield forward, _OF_FORWARDS
    for attachment in Attachment.objects.filter(message__ticket=ticket):
        yield attachment, ("name",)
    for reply in PendingReply.objects.filter(ticket=ticket):
        yield reply, ("text", "added")
    for draft in Draft.objects.filter(ticket=ticket):
        yield draft, _OF_DRAFTS
    for rating in Rating.objects.filter(ticket=ticket):
        yield rating, ("words",)
    for approval in Approval.objects.filter(ticket=ticket):
        yield approval, ("question",)
    for vote in Vote.objects.filter(approval__ticket=ticket):
        yield vote, ("words",)
    for item in BulkItem.objects.filter(ticket=ticket):
        yield item, ("before", "why")
    for run in BulkRun.objects.filter(items__ticket=ticket):
        yield run, ("parameters",)


def _rewrite(instance: Model, names: tuple[str, ...], redactor: Redactor) -> None:
    changed = {
        name: new for name in names if (new := redactor.value(getattr(instance, name))) != getattr(instance, name)
    }
    if changed:
        type(instance)._default_manager.filter(pk=instance.pk).update(**changed)


def _forget_files(person: Person, ticket: Ticket) -> None:
    """Delete files sent by the person, and their forwarded copies.

    Their bytes are removed when nothing refers to them.
    """
    own = Q(message__author=person) | Q(author=person)
    here = Attachment.objects.filter(message__ticket=ticket)
    digests = list(here.filter(own).values_list("digest", flat=True))
    OutboundFile.objects.filter(mail__ticket_id=ticket.pk, digest__in=digests).delete()
    copies = here.filter(digest__in=digests).exclude(message__forward=None)
    Message.objects.filter(pk__in=list(copies.values_list("message_id", flat=True))).update(besides="")
    copies.delete()
    here.filter(own).delete()
    Message.objects.filter(ticket=ticket, author=person, opening=False).update(besides="")


def _forget_answers(ticket: Ticket) -> None:
    rows = list(Field.objects.filter(request_type=ticket.request_type_id))
    keys = {field.key for field in rows if field.kind in _IMPERSONAL}
    answers = {key: value for key, value in ticket.answers.items() if key in keys}
    Ticket.objects.filter(pk=ticket.pk).update(answers=answers)
    former = Change.objects.filter(ticket=ticket, field__startswith="answer:")
    former.exclude(field__in=[f"answer:{key}" for key in keys]).update(old="", new="")
    Message.objects.filter(ticket=ticket, opening=True).update(besides=searched_words(rows, answers))
    # Undoing a bulk action must not restore the answers.
    for item in BulkItem.objects.filter(ticket=ticket, before__has_key="answers"):
        del item.before["answers"]
        item.save(update_fields=["before"])


def _forget_lists(person: Person, redactor: Redactor) -> None:
    """Delete exported lists that may name the person; they last a day and can be requested again."""
    desks = set(tickets_of(person).values_list("desk_id", flat=True))
    for export in ListExport.objects.only("jql", "desks"):
        if desks.intersection(export.desks) or redactor(export.jql) != export.jql:
            export.delete()


def _word(word: str) -> str:
    """Return a pattern for a part of a name in inflected forms: «Петрова», «Петровой», «Петров»; capitalised only."""
    stem = _ENDING.sub("", word.lower()) if len(word) >= _SHORTEST_STEM else word.lower()
    ending = r"\w{0,3}" if len(word) >= _SHORTEST_STEM else ""
    letters = re.sub("[её]", "[её]", re.escape(stem))
    capital = r"(?=[A-ZА-ЯЁ])" if word[0].isupper() else ""
    return rf"\b{capital}(?i:{letters}){ending}\b"


def _phone(number: str) -> str:
    """Return a pattern for the number with any separators, and with +7 or 8 in front."""
    digits = re.sub(r"\D", "", number)[-10:]
    return r"(?:\+?[78][\s(-]*)?" + r"[\s().-]*".join(digits) if len(digits) >= _SHORTEST_PHONE else ""
