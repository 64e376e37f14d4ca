"""What mails that ask for an approval say of a request whose sender is not proved."""

from django.utils import timezone

from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor, system
from otklik.tickets.commands.approve import ask_approval, remind_approval
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.intake.test_decisions import inject
from tests.postoffice import Sink, letter, run_all

BORIS = "boris@clinic.test"


def doubtful(subject: str) -> Ticket:
    """Open a ticket by a mail whose sender nothing proves."""
    inject(letter(sender="Ольга <olga@clinic.test>", subject=subject, text="Прошу открыть доступ."))
    ticket = Ticket.objects.get(subject=subject)
    assert ticket.sender_unverified
    return ticket


def test_what_an_agent_asks_for_is_shown(people: Cast, sink: Sink) -> None:
    ticket, at = doubtful("Доступ к архиву"), timezone.now()
    approval = ask_approval(actor=Actor(people.agent, "agent"), at=at, ticket=ticket, people=[people.boris], rule="one")
    run_all()
    remind_approval(at=at, approval=approval)
    run_all()
    mails = OutboundMail.objects.filter(recipient=BORIS, ticket_id=ticket.pk).order_by("id")
    assert [mail.kind for mail in mails] == ["approval_asked", "approval_reminder"]
    for mail in mails:
        assert mail.subject == f"{ticket.key} Доступ к архиву"
        assert "Прошу открыть доступ." in mail.text and "olga@clinic.test" in mail.text


def test_ab_88_what_the_type_asks_for_has_no_words_of_the_sender(people: Cast, sink: Sink) -> None:
    ticket = doubtful("CANARY")
    ask_approval(actor=system("rule"), at=timezone.now(), ticket=ticket, people=[people.boris], rule="one")
    run_all()
    mail = OutboundMail.objects.get(recipient=BORIS, ticket_id=ticket.pk)
    assert mail.kind == "approval_asked" and ticket.key in mail.subject
    assert "CANARY" not in mail.subject + mail.text and "Прошу" not in mail.text
