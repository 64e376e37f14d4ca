"""Preconditions of commands on a ticket."""

from datetime import timedelta
from typing import Any

from otklik.desks.models import Desk, RequestType, Status, Transition
from otklik.desks.queries import default_resolution
from otklik.mail.models import InboundMail
from otklik.people.models import Person
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.comment import hold_comment
from otklik.tickets.commands.pending import hold_reply
from otklik.tickets.commands.unconfirmed import hold_request
from otklik.tickets.content import Words
from otklik.tickets.models import Approval, Message, PendingReply
from tests.acting import LATER, by
from tests.cast import START, Cast
from tests.portal.helpers import inbound_mail


def asked(cast: Cast, *people: Person, rule: str = "one") -> Approval:
    """Let the agent ask these people for an approval, Boris by default."""
    return ask_approval(**by(cast.agent), ticket=cast.ticket, people=people or [cast.boris], rule=rule)


def waiting_reply(cast: Cast, **more: Any) -> PendingReply:
    """Return a reply of the agent that is to be sent ten minutes after LATER."""
    due = LATER + timedelta(minutes=10)
    return hold_reply(**by(cast.agent), ticket=cast.ticket, words=Words("Готово"), due_at=due, **more)


def held_message(cast: Cast) -> Message:
    """Return a stranger's message that is held in the ticket."""
    return hold_comment(
        at=START, ticket=cast.ticket, words=Words("Пустите"), claimed_author="Степан", inbound=inbound_mail(), why=""
    )


def mailed(cast: Cast) -> Message:
    """Return the ticket's opening, changed as if it had come by mail."""
    opening = cast.ticket.messages.get(opening=True)
    opening.inbound = inbound_mail()
    opening.save(update_fields=["inbound"])
    return opening


def a_mail() -> InboundMail:
    """Return a row of the ledger that is not a message yet."""
    return inbound_mail(b"From: anna@clinic.test\r\nSubject: Re\r\n\r\nx")


def closed(cast: Cast) -> None:
    """Close the ticket directly in the database."""
    cast.ticket.status = Status.objects.filter(desk=cast.desk, category=Status.Category.DONE)[0]
    cast.ticket.closed_at = START
    cast.ticket.resolution = default_resolution()
    cast.ticket.save()


def transition(cast: Cast, name: str) -> Transition:
    """Return the desk's transition of this name."""
    return Transition.objects.filter(desk=cast.desk, name=name).order_by("pk")[0]


def unconfirmed(cast: Cast, address: str = "vera@clinic.test") -> str:
    """Return the secret of a request without an account that awaits confirmation."""
    Desk.objects.update(anonymous=True)
    return hold_request(
        at=LATER, request_type=RequestType.objects.filter(desk=cast.desk, hidden=False)[0], address=address,
        name="Вера", language="ru", subject="Вопрос", text="Когда?", answers={}, files=[],
    )  # fmt: skip
