"""Events of messages that are forwarded to somebody outside (ADR 109)."""

from dataclasses import dataclass

from otklik.tickets.events import MessageEvent


@dataclass(frozen=True, kw_only=True)
class TicketForwarded(MessageEvent):
    """An agent sent a message on to an `address` outside; `message` is the note that says so."""

    kind = "ticket.forwarded"
    address: str


@dataclass(frozen=True, kw_only=True)
class ForwardTakenBack(MessageEvent):
    """What was forwarded to `address` was taken back before its mail went; `message` is the note that told of it."""

    kind = "ticket.forward_taken_back"
    address: str


@dataclass(frozen=True, kw_only=True)
class ForwardAnswered(MessageEvent):
    """What was forwarded was answered: `message` is the note with the answer, `note` the one that told of forwarding.

    `address`: where it had been sent.
    """

    kind = "ticket.forward_answered"
    note: int
    address: str
