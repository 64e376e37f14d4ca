"""`otklik ticket`: tickets for scripts."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import Annotated, Any

import typer
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from otklik.cli.bootstrap import django_ready
from otklik.cli.output import as_json, say
from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo
from otklik.core.statement_timeout import StatementTimedOut, each_statement_within
from otklik.mail.reasons import in_words
from otklik.mail.secret_scan import blanked_all
from otklik.people.actor import system
from otklik.people.login_names import person_named
from otklik.people.models import Person
from otklik.tickets.commands.former_keys import add_alias
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.keys import canonical, former_keys, with_key
from otklik.tickets.models import Message, Participant, Ticket, TicketLink

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Tickets for scripts.")


@app.command("list")
def list_tickets(
    desk: Annotated[str, typer.Option(help="Only this desk's.")] = "",
    jql: Annotated[str | None, typer.Option(help="Those that the filter language finds: 'status = Open'.")] = None,
    person: Annotated[
        str, typer.Option("--as", metavar="MAIL", help="With --jql: what this person sees, who is currentUser().")
    ] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="So many at most.")] = None,
    seconds: Annotated[int, typer.Option(min=1, max=3600, help="With --jql: so long at most.")] = 60,
    json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Tickets: key, status, requester, subject. All of them, oldest first; with --jql in the order that it says."""
    with django_ready():
        if person and jql is None:
            raise typer.BadParameter("--as belongs to --jql")
        with nullcontext() if jql is None else _within(seconds):
            tickets = Ticket.objects.order_by("desk_id", "number") if jql is None else found_by(jql, person)
            if desk:
                tickets = tickets.filter(desk__key=desk.upper())
            _list(tickets.select_related("status", "requester"), limit, json=json)


@contextmanager
def _within(seconds: int) -> Iterator[None]:
    try:
        with each_statement_within(timedelta(seconds=seconds)):
            yield
    except StatementTimedOut:
        raise UnableTo(CliRefusal.JQL_SLOW, seconds=seconds) from None


def found_by(jql: str, person: str) -> QuerySet[Ticket]:
    """Return the tickets that a filter finds, as the site or as a person sees them.

    Raises UnableTo with line and column.
    """
    asker = Asker(_person(person) if person else None, timezone.now())
    try:
        return find(parse(jql), asker)
    except BadJql as error:
        line, character = error.place(jql)
        raise UnableTo(CliRefusal.JQL_BAD, line=line, character=character, said=str(error)) from None


def _person(address: str) -> Person:
    person = person_named(address)
    if person is None:
        raise UnableTo(CliRefusal.PERSON_UNKNOWN, kind="address" if "@" in address else "login", mail=address)
    return person


def _list(tickets: QuerySet[Ticket], limit: int | None, *, json: bool) -> None:
    limited = tickets[:limit] if limit else tickets
    rows = [blanked_all(summary(ticket)) for ticket in limited.iterator(chunk_size=2000)]
    if json:
        as_json(rows)
    else:
        for line in rows:
            say(f"{line['key']}\t{line['status']}\t{line['requester'] or '-'}\t{line['subject']}")


@app.command("show")
def show(
    key: Annotated[str, typer.Argument(help="The ticket's key: ACCREDO-4")],
    json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """One ticket with all its messages, internal and held ones too."""
    with django_ready():
        ticket = _named(key)
        description = shown(ticket)
        as_json(description) if json else _print(description)


@app.command("alias")
def alias(
    key: Annotated[str, typer.Argument(help="The ticket's key: ACCREDO-4")],
    former: Annotated[str, typer.Argument(help="A key it had before, here or in another system: OLD-17")],
    skip_numbers: Annotated[
        bool, typer.Option("--skip-numbers", help="A desk of the former key may leave out numbers up to it.")
    ] = False,
) -> None:
    """Let a ticket be found by a key that it had before: links, searches, subjects of mails."""
    with django_ready():
        ticket = _named(key)
        added = add_alias(actor=system("cli"), at=timezone.now(), ticket=ticket, key=former, skip_numbers=skip_numbers)
        say(f"{added.key} leads to {ticket.key}.")


def _named(key: str) -> Ticket:
    ticket = with_key(Ticket.objects.select_related("status", "requester"), canonical(key)).first()
    if ticket is None:
        raise UnableTo(CliRefusal.TICKET_UNKNOWN, key=key)
    return ticket


def shown(ticket: Ticket) -> dict[str, Any]:
    """Return a ticket with all its messages, without personal links."""
    messages = [_message(message) for message in _messages(ticket)]
    whole: dict[str, Any] = {**summary(ticket), **_facts(ticket), "messages": messages}
    return {name: blanked_all(value) for name, value in whole.items()}


def _facts(ticket: Ticket) -> dict[str, Any]:
    """Return what a list leaves out; names as stored, people by login or address."""
    others = Participant.objects.filter(ticket=ticket, removed_at=None).exclude(person_id=ticket.requester_id or 0)
    organizations = list(ticket.shared_organizations.order_by("pk").values_list("organization__name", flat=True))
    return {
        "assignee": _named_person(ticket.assignee),
        "priority": ticket.priority.name,
        "request_type": ticket.request_type and ticket.request_type.name,
        "participants": [_named_person(row.person) for row in others.select_related("person").order_by("pk")],
        "organization": organizations[0] if organizations else None,
        "organizations": organizations,
        "resolution": ticket.resolution and ticket.resolution.name,
        "resolved": ticket.closed_at,
        "labels": ticket.labels,
        "former_keys": former_keys(ticket),
        "due": ticket.due,
        "links": [_link(link, ticket) for link in _links(ticket)],
    }


def _named_person(person: Person | None) -> str | None:
    return None if person is None else person.login_name or person.name


def _links(ticket: Ticket) -> QuerySet[TicketLink]:
    ends = Q(source=ticket) | Q(target=ticket)
    return TicketLink.objects.filter(ends).select_related("source", "target").order_by("pk")


def _link(link: TicketLink, ticket: Ticket) -> dict[str, str]:
    """`way`: "out" if this ticket duplicates, blocks or causes the other."""
    out = link.source_id == ticket.pk
    return {"kind": link.kind, "way": "out" if out else "in", "key": (link.target if out else link.source).key}


def summary(ticket: Ticket) -> dict[str, Any]:
    """Return what a list says of a ticket."""
    return {
        "key": ticket.key,
        "subject": ticket.subject,
        "status": ticket.status.name,
        "category": ticket.status.category,
        "requester": ticket.requester and (ticket.requester.email or ticket.requester.name),
        "sender_unverified": ticket.sender_unverified,
        "created": ticket.created_at,
        "updated": ticket.updated_at,
        "url": f"{settings.PUBLIC_URL}/browse/{ticket.key}",
    }


def _messages(ticket: Ticket) -> Any:
    rows = Message.objects.filter(ticket=ticket).select_related("author").prefetch_related("attachments")
    return rows.order_by("created_at", "id")


def _message(message: Message) -> dict[str, Any]:
    author = message.author
    return {
        "id": message.pk,
        "author": (author.email or author.name) if author else message.claimed_author,
        "side": message.side,
        "author_name": author.display_name if author else message.claimed_author,
        # A held message is not public yet.
        "kind": "held" if message.held else message.kind,
        "opening": message.opening,
        "held": message.held,
        "text": message.text,
        "why": _why(message),
        "created": message.created_at,
        "attachments": [{"name": a.name, "size": a.size, "type": a.content_type} for a in message.attachments.all()],
    }


def _why(message: Message) -> str:
    """In the site's language, as staff read it."""
    with translation.override(settings.LANGUAGE_CODE):
        return in_words(message.why)


def _print(description: dict[str, Any]) -> None:
    say(f"{description['key']}  {description['subject']}\n{description['status']}  {description['requester'] or '-'}")
    for message in description["messages"]:
        say(f"\n{message['created']:%Y-%m-%d %H:%M}  {message['author']}  ({message['kind']})\n{message['text']}")
        for attachment in message["attachments"]:
            say(f"  + {attachment['name']} ({attachment['size']} bytes)")
