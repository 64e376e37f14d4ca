"""`note_undelivered` records an undelivered mail about a ticket."""

from otklik.desks.models import Status
from otklik.journal.models import Event
from otklik.journal.record import record
from otklik.mail.events import MailUndelivered
from otklik.mail.models import OutboundMail
from otklik.people.actor import system
from otklik.people.models import Person
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.commands.status import change_status
from otklik.tickets.commands.undelivered import mark_undelivered, note_undelivered
from tests.acting import LATER, by, tells
from tests.cast import START, Cast
from tests.tickets.commands.parts import transition


def lost(cast: Cast, person: Person | None) -> OutboundMail:
    return OutboundMail.objects.create(
        recipient="x@clinic.test", sender="accredo@desk.test", kind="comment", cause=f"x {person}", subject="s",
        text="t", message_id=f"{person}@desk.test", created_at=START, retry_at=START, person=person,
        ticket_id=cast.ticket.pk,
    )  # fmt: skip


def test_a_ticket_that_waits_for_whom_the_mail_did_not_reach_goes_back_to_work(cast: Cast) -> None:
    change_status(**by(cast.agent), ticket=cast.ticket, transition=transition(cast, "Ждать ответа заявителя"))
    with tells("ticket.status_changed"):
        assert note_undelivered(at=LATER, ticket=cast.ticket, mail=lost(cast, cast.anna))
    cast.ticket.refresh_from_db()
    assert cast.ticket.undelivered_at == LATER and cast.ticket.status.category == Status.Category.NEW
    assert Event.objects.latest("id").data["quiet"]


def test_an_older_mail_is_no_news_and_mail_to_others_changes_nothing(cast: Cast) -> None:
    with tells():
        assert note_undelivered(at=LATER, ticket=cast.ticket, mail=lost(cast, cast.boris))
        assert not note_undelivered(at=LATER, ticket=cast.ticket, mail=lost(cast, cast.anna))
        assert not note_undelivered(at=LATER, ticket=cast.ticket, mail=lost(cast, None))
        assert not note_undelivered(at=LATER, ticket=cast.ticket, mail=lost(cast, cast.stranger))


def test_ab_07_mail_that_did_not_reach_somebody_taken_off_since_changes_nothing(cast: Cast) -> None:
    remove_participant(**by(cast.agent), ticket=cast.ticket, person=cast.boris)
    with tells():
        assert not note_undelivered(at=LATER, ticket=cast.ticket, mail=lost(cast, cast.boris))
    cast.ticket.refresh_from_db()
    assert cast.ticket.undelivered_at is None


def test_a_ticket_waits_on_when_the_mail_was_for_somebody_else(cast: Cast) -> None:
    change_status(**by(cast.agent), ticket=cast.ticket, transition=transition(cast, "Ждать ответа заявителя"))
    with tells():
        assert note_undelivered(at=LATER, ticket=cast.ticket, mail=lost(cast, cast.boris))
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.category == Status.Category.WAITING


def test_news_of_a_mail_or_a_ticket_that_is_gone_changes_nothing_and_stops_nothing(cast: Cast) -> None:
    mail = lost(cast, cast.anna)
    for number, subject in ((mail.pk + 1, cast.ticket.pk), (mail.pk, 0)):
        told = MailUndelivered(key="ACCREDO-1", mail=number, address="x@clinic.test", words="550")
        event = record(told, about=subject, by=system(), at=LATER)
        with tells():
            mark_undelivered([event], LATER)
    cast.ticket.refresh_from_db()
    assert cast.ticket.undelivered_at is None
