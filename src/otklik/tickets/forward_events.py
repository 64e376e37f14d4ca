"""Events of messages that are forwarded to somebody outside (ADR 109)."""

from dataclasses import dataclass

from otklik.tickets.events import MessageEvent


@dataclass(frozen=True, kw_only=True)
class TicketForwarded(MessageEvent):
    """A message was forwarded to an external `address`; `message` is the note about it."""

    kind = "ticket.forwarded"
    address: str


@dataclass(frozen=True, kw_only=True)
class ForwardTakenBack(MessageEvent):
    """A forward was cancelled before its mail was sent; `message` is the note about it."""

    kind = "ticket.forward_taken_back"
    address: str


@dataclass(frozen=True, kw_only=True)
class ForwardAnswered(MessageEvent):
    """A forwarded message was answered.

    `message`: the note with the answer; `note`: the one about forwarding; `address`: the recipient.
    """

    kind = "ticket.forward_answered"
    note: int
    address: str
