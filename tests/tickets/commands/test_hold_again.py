"""The admission of a held message is taken back."""

from datetime import timedelta

from otklik.mail.models import InboundMail, OutboundMail
from otklik.tickets.commands.comment import admit_message, admit_own
from otklik.tickets.commands.hold_again import hold_again
from otklik.tickets.models import Message
from otklik.worker.dispatch import dispatch_next
from tests.acting import by, locks, tells
from tests.cast import START, Cast
from tests.refusing import refused_as
from tests.tickets.commands.parts import held_message


def test_what_was_admitted_is_held_again_with_one_event(cast: Cast) -> None:
    message = admit_message(**by(cast.agent), message=held_message(cast))
    while dispatch_next():
        pass
    sent, *waits = OutboundMail.objects.filter(ticket_id=cast.ticket.pk, about=message.pk)
    assert waits
    OutboundMail.objects.filter(pk=sent.pk).update(state=OutboundMail.State.SENT)
    with locks(Message), tells("ticket.held_again"):
        assert hold_again(**by(cast.agent), message=message) == 1
    message.refresh_from_db()
    assert message.held and not Message.objects.for_customers().filter(pk=message.pk).exists()
    mail = InboundMail.objects.get(pk=message.inbound_id)
    assert (mail.state, mail.fate) == (InboundMail.State.HELD, InboundMail.Fate.HELD_COMMENT)
    assert mail.reason.endswith("@held_again=Глеб%20Орлов")
    states = set(OutboundMail.objects.filter(about=message.pk).values_list("pk", "state"))
    cancelled = {(row.pk, OutboundMail.State.CANCELLED) for row in waits}
    assert states == {(sent.pk, OutboundMail.State.SENT)} | cancelled
    with refused_as("ticket.not_admitted"):
        hold_again(**by(cast.agent), message=message)
    assert not admit_message(**by(cast.agent), message=message).held


def test_only_staff_takes_an_admission_back(cast: Cast) -> None:
    message = admit_message(**by(cast.agent), message=held_message(cast))
    for somebody in (cast.anna, cast.agent_elsewhere):
        with refused_as("ticket.staff_only"):
            hold_again(**by(somebody), message=message)


def test_only_what_an_agent_admitted_is_held_again(cast: Cast) -> None:
    own = admit_own(at=START + timedelta(hours=1), message=held_message(cast), person=cast.boris)
    for other in (own, cast.ticket.messages.get(opening=True)):
        with refused_as("ticket.not_admitted"):
            hold_again(**by(cast.agent), message=other)
