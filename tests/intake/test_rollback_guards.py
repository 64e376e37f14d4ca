"""Rolling back an import: mails that people have acted on stay, all others go."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.intake.commands.rollback import roll_back
from otklik.journal.models import Event
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox, MailImport
from otklik.people.actor import Actor, system
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import assign
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Ticket
from tests.cast import START, Cast
from tests.intake.test_decisions import signed
from tests.postoffice import letter, run_all


def new_import() -> MailImport:
    box = Mailbox.objects.get(address="accredo@desk.test")
    return MailImport.objects.create(mailbox=box, source="x", started_at=START)


def taken(run: MailImport | None, subject: str, *, to: str = "accredo@desk.test", **head: str) -> InboundMail:
    mail = accept(
        raw=letter(subject=subject, text=f"{subject}!", **head),
        mailbox=Mailbox.objects.get(address="accredo@desk.test"),
        transport="imap", envelope_from="", envelope_to=to, at=timezone.now(),
        imported=run is not None, import_run=run.pk if run else None,
    )  # fmt: skip
    run_all(deliver_too=False)
    return InboundMail.objects.get(pk=mail.pk)


def told(cast: Cast, ticket: Ticket) -> None:
    comment(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=ticket, words=Words("Ответ"))


def given(cast: Cast, ticket: Ticket) -> None:
    assign(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=ticket, assignee=cast.agent)


def mailed(cast: Cast, ticket: Ticket) -> None:
    taken(None, "позже", to=signed(cast.anna, ticket))


@pytest.mark.parametrize("act", [None, told, given])
def test_a_comment_on_a_request_of_before_goes_unless_somebody_went_on_after_it(
    people: Cast, act: Callable[[Cast, Ticket], None] | None
) -> None:
    given(people, people.ticket)
    run = new_import()
    mail = taken(run, "старый ответ", to=signed(people.anna, people.ticket))
    Event.objects.exclude(data__has_key="message").update(at=timezone.now() - timedelta(days=1))
    Message.objects.filter(inbound=None).update(created_at=timezone.now() - timedelta(days=1))
    assert mail.fate == "comment"
    if act is told:
        told(people, people.ticket)
    if act is given:
        assign(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, assignee=None)
    roll_back(actor=system("cli"), at=timezone.now(), run=run)
    assert Message.objects.filter(inbound=mail).exists() is (act is not None)
    assert Ticket.objects.filter(pk=people.ticket.pk).exists()
