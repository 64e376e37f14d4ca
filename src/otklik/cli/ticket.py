"""`otklik ticket`: tickets for scripts."""

from typing import Annotated, Any

import typer
from django.conf import settings
from django.utils import timezone, translation

from otklik.cli.base import django_ready
from otklik.cli.output import as_json, say
from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo
from otklik.mail.reasons import in_words
from otklik.mail.secret_scan import blanked_all
from otklik.people.actor import system
from otklik.tickets.commands.alias import add_alias
from otklik.tickets.keys import canonical, with_key
from otklik.tickets.models import Message, Ticket

app = typer.Typer(no_args_is_help=True, help="Tickets for scripts.")


@app.command("list")
def list_tickets(
    desk: Annotated[str, typer.Option(help="Only this desk's.")] = "",
    json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Every ticket, oldest first: key, status, requester, subject."""
    with django_ready():
        tickets = Ticket.objects.select_related("status", "requester").order_by("desk_id", "number")
        if desk:
            tickets = tickets.filter(desk__key=desk.upper())
        rows = [blanked_all(summary(ticket)) for ticket in tickets.iterator(chunk_size=2000)]
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
        made = add_alias(actor=system("cli"), at=timezone.now(), ticket=ticket, key=former, skip_numbers=skip_numbers)
        say(f"{made.key} leads to {ticket.key}.")


def _named(key: str) -> Ticket:
    ticket = with_key(Ticket.objects.select_related("status", "requester"), canonical(key)).first()
    if ticket is None:
        raise UnableTo(CliRefusal.TICKET_UNKNOWN, key=key)
    return ticket


def shown(ticket: Ticket) -> dict[str, Any]:
    """A ticket with all that was said on it; nobody's personal links stand in it."""
    description: dict[str, Any] = {**summary(ticket), "messages": [_message(message) for message in _messages(ticket)]}
    return {name: blanked_all(value) for name, value in description.items()}


def summary(ticket: Ticket) -> dict[str, Any]:
    """A ticket in a list."""
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
        # A held message is not public yet, whatever it will be once it is admitted.
        "kind": "held" if message.held else message.kind,
        "opening": message.opening,
        "held": message.held,
        "text": message.text,
        "why": _why(message),
        "created": message.created_at,
        "attachments": [{"name": a.name, "size": a.size, "type": a.content_type} for a in message.attachments.all()],
    }


def _why(message: Message) -> str:
    """In the site's language, as the staff reads it."""
    with translation.override(settings.LANGUAGE_CODE):
        return in_words(message.why)


def _print(description: dict[str, Any]) -> None:
    say(f"{description['key']}  {description['subject']}\n{description['status']}  {description['requester'] or '-'}")
    for message in description["messages"]:
        say(f"\n{message['created']:%Y-%m-%d %H:%M}  {message['author']}  ({message['kind']})\n{message['text']}")
        for attachment in message["attachments"]:
            say(f"  + {attachment['name']} ({attachment['size']} bytes)")
