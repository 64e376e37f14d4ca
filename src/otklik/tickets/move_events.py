"""Events of moving tickets to another desk."""

from dataclasses import dataclass

from otklik.tickets.events import TicketEvent


@dataclass(frozen=True, kw_only=True)
class TicketMoved(TicketEvent):
    """The ticket went to another desk, where its key is `key`. Names are those of the desks' languages.

    `status`, `priority`, `request_type`: what stands there now, "" where it is called as before. `former`, who had it
    and does not work there, is only known from the Change row. `taken_back`: it came back as it had stood.
    `quiet`: nobody had been told of the move that this takes back, so nobody is told of this.
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
