"""What several commands on a ticket need before they act."""

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
    """An agent asks these people, Boris if nobody is named."""
    return ask_approval(**by(cast.agent), ticket=cast.ticket, people=people or [cast.boris], rule=rule)


def waiting_reply(cast: Cast, **more: Any) -> PendingReply:
    """A reply of the agent that waits for ten minutes."""
    due = LATER + timedelta(minutes=10)
    return hold_reply(**by(cast.agent), ticket=cast.ticket, words=Words("Готово"), due_at=due, **more)


def held_message(cast: Cast) -> Message:
    """Words of a stranger that wait inside the ticket."""
    return hold_comment(
        at=START, ticket=cast.ticket, words=Words("Пустите"), claimed_author="Степан", inbound=inbound_mail(), why=""
    )


def mailed(cast: Cast) -> Message:
    """The ticket's opening, as if it had come by mail."""
    opening = cast.ticket.messages.get(opening=True)
    opening.inbound = inbound_mail()
    opening.save(update_fields=["inbound"])
    return opening


def a_mail() -> InboundMail:
    """A row of the ledger that is no message yet."""
    return inbound_mail(b"From: anna@clinic.test\r\nSubject: Re\r\n\r\nx")


def closed(cast: Cast) -> None:
    """The ticket has ended, without a command."""
    cast.ticket.status = Status.objects.filter(desk=cast.desk, category=Status.Category.DONE)[0]
    cast.ticket.closed_at = START
    cast.ticket.resolution = default_resolution()
    cast.ticket.save()


def transition(cast: Cast, name: str) -> Transition:
    """The desk's step of this name."""
    return Transition.objects.filter(desk=cast.desk, name=name)[0]


def unconfirmed(cast: Cast, address: str = "vera@clinic.test") -> str:
    """The secret under which a request without an account waits."""
    Desk.objects.update(anonymous=True)
    return hold_request(
        at=LATER, request_type=RequestType.objects.filter(desk=cast.desk, hidden=False)[0], address=address,
        name="Вера", language="ru", subject="Вопрос", text="Когда?", answers={}, files=[],
    )  # fmt: skip
