"""Taking an import back: what others did since keeps a mail where it is, and nothing else does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.intake.commands.rollback import UnableToRollBack, roll_back, survey_of
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


@pytest.mark.parametrize("act", [None, told, given, mailed])
def test_a_request_goes_unless_somebody_did_anything_with_it(
    people: Cast, act: Callable[[Cast, Ticket], None] | None
) -> None:
    run = new_import()
    ticket = Ticket.objects.get(key=taken(run, "старое").ticket_key)
    if act is not None:
        act(people, ticket)
    counts = survey_of(run)
    assert (counts.tickets, counts.kept) == ((1, 0) if act is None else (0, 1))
    assert Ticket.objects.filter(pk=ticket.pk).exists(), "looking changes nothing"
    assert roll_back(actor=system("cli"), at=timezone.now(), run=run) == counts
    assert Ticket.objects.filter(pk=ticket.pk).exists() is (act is not None)
    assert (InboundMail.objects.get(import_run=run).fate == "rolled_back") is (act is None)


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


def test_another_import_and_a_second_time_are_left_alone(people: Cast) -> None:
    first, second = new_import(), new_import()
    taken(first, "первый")
    kept = taken(second, "второй")
    roll_back(actor=system("cli"), at=timezone.now(), run=first)
    assert Ticket.objects.filter(key=kept.ticket_key).exists()
    assert Event.objects.filter(kind="mailbox.import_rolled_back").count() == 1
    with pytest.raises(UnableToRollBack):
        roll_back(actor=system("cli"), at=timezone.now(), run=MailImport.objects.get(pk=first.pk))
