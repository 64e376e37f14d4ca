"""Find the ticket that a mail belongs to. What the mail may do there is decided in `decide`."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, QuerySet

from otklik.desks.models import Desk
from otklik.mail import tokens
from otklik.mail.inbox import spellings
from otklik.mail.models import InboundMail, OutboundMail
from otklik.mail.parse import ParsedMail
from otklik.mail.verp import returned_mail
from otklik.people.addresses import BadAddress, canonical
from otklik.tickets.keys import is_of_desk, key_at, keys_in, of_desk, with_keys
from otklik.tickets.models import Forward, ForwardAnswer, Participant, Ticket

REPLY_ADDRESS = "reply_address"
REPLY_TOKEN = "reply_token"  # noqa: S105  # the name of a rule
REFERENCES = "references"
SUBJECT = "subject"

_IDS_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Clue:
    """What links a mail to a ticket.

    `participant`: the person a signed token was made for; `live`: the token is still valid. `forward`: the mail answers
    a forwarded message, so it is for the staff only. `key`: the ticket's key at the desk that got the mail, if an
    unsigned clue names a ticket that moved away.
    """

    rule: str
    ticket: Ticket
    participant: Participant | None = None
    live: bool = False
    forward: Forward | None = None
    key: str = ""

    @property
    def signed(self) -> bool:
        return self.participant is not None


Placed = Mapping[str, tuple[Ticket, Forward | None]]
"""Message-ID -> (the ticket of that mail, the forwarded message that it answers, if any)."""


def find(parsed: ParsedMail, mail: InboundMail, desk: Desk, placed: Placed | None = None) -> Clue | None:
    """Return the strongest clue to a ticket that is or was at this desk; None if there is none.

    In this order: signed reply address, our Message-ID, known Message-ID, key in the subject. `placed`: the result of
    `placed_mails`; None: it is read if needed.
    """
    return next(clues(parsed, mail, desk, placed), None)


def clues(parsed: ParsedMail, mail: InboundMail, desk: Desk, placed: Placed | None = None) -> Iterator[Clue]:
    """Yield all clues, the strongest first. Lazy: weaker rules query the database only if needed."""
    ids = quoted_ids(parsed)
    yield from _signed(REPLY_ADDRESS, _address_tokens(parsed, mail), desk)
    yield from _signed(REPLY_TOKEN, (token for known in ids if (token := _id_token(known))), desk)
    yield from _by_known_ids(ids, desk, placed)
    yield from _by_key(parsed.subject, desk)


def quoted_ids(parsed: ParsedMail) -> list[str]:
    """Return the Message-IDs that the mail answers, the nearest first, without duplicates, at most 20."""
    ids = [*parsed.in_reply_to, *reversed(parsed.references)]
    return list(dict.fromkeys(ids))[:_IDS_LOOKED_AT]


def answers_ours(parsed: ParsedMail, mail: InboundMail) -> bool:
    """Return whether the mail was sent to a reply or return address of ours, or names our Message-ID, at any desk."""
    return any(True for _token in _address_tokens(parsed, mail)) or bool(_returned(parsed, mail)) or names_ours(parsed)


def brings_ours(parsed: ParsedMail, mail: InboundMail) -> bool:
    """Return whether the mail was sent to our return address or contains a mail of ours, unlike a reply."""
    return bool(_returned(parsed, mail)) or names_ours(replace(parsed, in_reply_to=(), references=()))


def is_ours(message_id: str) -> bool:
    """Return whether this is the Message-ID of a mail of ours."""
    return bool(message_id) and OutboundMail.objects.filter(message_id=f"<{message_id.strip('<> ')}>").exists()


def names_ours(parsed: ParsedMail) -> bool:
    """Return whether headers or a report name a Message-ID of ours."""
    ids = [*quoted_ids(parsed), *parsed.reported_ids]
    known = OutboundMail.objects.filter(message_id__in=[f"<{message_id}>" for message_id in ids])
    return any(_id_token(message_id) for message_id in ids) or (bool(ids) and known.exists())


def ticket_of_answer(parsed: ParsedMail, mail: InboundMail, desk: Desk) -> Ticket | None:
    """Return the desk's ticket that a program's reply is about. A key in the subject is not enough."""
    if (pk := _returned(parsed, mail)) and (sent := OutboundMail.objects.filter(pk=pk).first()) is not None:
        return _tickets().filter(of_desk(desk), pk=sent.ticket_id or 0).first()
    answered = replace(parsed, in_reply_to=(*parsed.reported_ids, *parsed.in_reply_to))
    clue = find(answered, mail, desk)
    return clue.ticket if clue is not None and clue.rule != SUBJECT else None


def _returned(parsed: ParsedMail, mail: InboundMail) -> int:
    """Return the id of our mail to whose return address this one was sent, 0 for none."""
    addresses = (mail.envelope_to, *(to.address for to in parsed.to))
    return next((pk for address in addresses if (pk := returned_mail(address))), 0)


def _address_tokens(parsed: ParsedMail, mail: InboundMail) -> Iterator[str]:
    """Yield tokens in addresses of the mailbox that got this mail, the envelope's first."""
    for address in (mail.envelope_to, *(to.address for to in (*parsed.to, *parsed.cc))):
        _, plus, token = address.partition("@")[0].rpartition("+")
        if plus and tokens.participant_of(token) is not None and _is_of(address, mail.mailbox.address):
            yield token


def _is_of(address: str, mailbox: str) -> bool:
    try:
        return mailbox in spellings(canonical(address))
    except BadAddress:
        return False


def _id_token(message_id: str) -> str:
    """Return the token in a Message-ID of ours, `<token.random@domain>`; "" for others."""
    token = message_id.strip("<> ").partition("@")[0].partition(".")[0]
    return token if tokens.participant_of(token) is not None else ""


def _signed(rule: str, known_tokens: Iterable[str], desk: Desk) -> Iterator[Clue]:
    for token in dict.fromkeys(known_tokens):
        if (pk := tokens.forward_of(token)) is not None:
            yield from (
                Clue(rule, forward.message.ticket, live=True, forward=forward)
                for forward in Forward.objects.filter(pk=pk).select_related("message__ticket__desk")
                if is_of_desk(forward.message.ticket, desk)
            )
            continue
        rows = Participant.objects.select_related("person", "ticket__desk", "ticket__status")
        participant = rows.filter(pk=tokens.participant_of(token) or 0).first()
        if participant is None or not is_of_desk(participant.ticket, desk) or not _was_made(token, participant):
            continue
        live = participant.removed_at is None and tokens.is_genuine(token, participant.pk, participant.epoch)
        yield Clue(rule, participant.ticket, participant, live)


def _was_made(token: str, participant: Participant) -> bool:
    """Return whether we made this token, in any epoch: an expired one is recognized but proves nothing (AB-07)."""
    return any(
        tokens.is_genuine(token, participant.pk, epoch)
        for epoch in range(participant.epoch, max(0, participant.epoch - 50), -1)
    )


def _by_known_ids(ids: list[str], desk: Desk, placed: Placed | None) -> Iterator[Clue]:
    known = _placed(ids) if placed is None else placed
    for message_id in ids:
        ticket, forward = known.get(message_id, (None, None))
        if ticket is not None and (key := key_at(ticket, desk)):
            yield Clue(REFERENCES, ticket, forward=forward, key=key)


def placed_mails(mails: Iterable[ParsedMail]) -> Placed:
    """Return the tickets of the mails that these mails quote."""
    return _placed({message_id for parsed in mails for message_id in quoted_ids(parsed)})


def _placed(ids: Collection[str]) -> Placed:
    """The tickets on which mails with these Message-IDs are."""
    if not ids:
        return {}
    # The first mail with an id counts, and ours before all: a later one may have copied it (AB-14).
    ours = OutboundMail.objects.filter(message_id__in=[f"<{message_id}>" for message_id in ids])
    theirs = InboundMail.objects.filter(message_id__in=ids)
    known: dict[str, tuple[int, int]] = {}
    for message_id, ticket_id, pk, fate in _on_tickets(theirs).values_list("message_id", "ticket_id", "pk", "fate"):
        known[message_id] = (ticket_id or 0, pk if fate == InboundMail.Fate.NOTE else 0)
    for message_id, ticket_id in _on_tickets(ours).values_list("message_id", "ticket_id"):
        known[message_id.strip("<>")] = (ticket_id or 0, 0)
    tickets = _tickets().in_bulk({ticket for ticket, _note in known.values()}) if known else {}
    forwards = _answered_by({note for _ticket, note in known.values() if note})
    return {message_id: (tickets[pk], forwards.get(note)) for message_id, (pk, note) in known.items() if pk in tickets}


def _on_tickets(mails: QuerySet[Any]) -> QuerySet[Any]:
    return mails.exclude(ticket_id=None).order_by("-id")


def _answered_by(mails: Collection[int]) -> dict[int, Forward]:
    """What these mails (ids), which became notes, answer. No query for none."""
    if not mails:
        return {}
    answers = ForwardAnswer.objects.filter(message__inbound__in=mails)
    rows = answers.select_related("forward__message__ticket__desk").annotate(mail=F("message__inbound"))
    return {answer.mail: answer.forward for answer in rows}


def _by_key(subject: str, desk: Desk) -> Iterator[Clue]:
    for ticket in with_keys(_tickets().filter(of_desk(desk)), keys_in(subject)):
        yield Clue(SUBJECT, ticket, key=key_at(ticket, desk))


def _tickets() -> QuerySet[Ticket]:
    return Ticket.objects.select_related("desk", "status")
