"""Events of moving tickets to another desk, and of what taking back restores."""

from dataclasses import dataclass

from otklik.tickets.events import ApprovalEvent, TicketEvent


@dataclass(frozen=True, kw_only=True)
class TicketMoved(TicketEvent):
    """The ticket moved to another desk, where its key is `key`. Names are in the desks' languages.

    `status`, `priority`, `request_type`: the new names, "" if unchanged. `former`: the previous assignee who does not
    work there, only known from the Change row. `taken_back`: this undoes a move. `quiet`: nobody was notified of the
    move that this undoes, so nobody is notified of this.
    """

    kind = "ticket.moved"
    former_key: str
    from_desk: str
    to_desk: str
    status: str = ""
    priority: str = ""
    request_type: str = ""
    former: str = ""
    taken_back: bool = False
    quiet: bool = False


@dataclass(frozen=True, kw_only=True)
class ApprovalRestored(ApprovalEvent):
    """An approval is pending again, because the action that withdrew it was undone."""

    kind = "ticket.approval_restored"
