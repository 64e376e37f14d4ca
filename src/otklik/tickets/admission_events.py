"""Events of held messages besides those that hold and admit them."""

from dataclasses import dataclass

from otklik.tickets.events import MessageEvent


@dataclass(frozen=True, kw_only=True)
class MessageHeldAgain(MessageEvent):
    """An agent took the admission of the message back."""

    kind = "ticket.held_again"
