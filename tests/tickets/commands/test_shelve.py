"""`shelve` closes a ticket without notices."""

from otklik.desks.models import Status
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.tickets.commands.inbound_placement import shelve
from otklik.tickets.models import Message
from tests.acting import LATER, by, refuses, tells
from tests.cast import Cast
from tests.postoffice import run_all


def test_the_ticket_is_closed_with_a_note_and_nobody_is_mailed(cast: Cast) -> None:
    Status.objects.filter(desk=cast.other_desk, category=Status.Category.DONE).update(position=99)
    with tells("ticket.status_changed"):
        row = shelve(**by(cast.agent), ticket=cast.ticket, note="Спам")
    assert row.status.is_done and row.status.desk == cast.desk and row.closed_at == LATER
    assert row.messages.get(text="Спам").kind == Message.Kind.INTERNAL
    assert Event.objects.latest("id").data["quiet"]
    run_all(deliver_too=False)
    assert not OutboundMail.objects.filter(kind__in=("closed", "status_changed")).exists()


def test_customers_shelve_nothing(cast: Cast) -> None:
    with refuses("ticket.staff_only"):
        shelve(**by(cast.anna), ticket=cast.ticket, note="x")
