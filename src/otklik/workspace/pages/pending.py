"""Page data for pending replies on the ticket page: countdown, actions, the draft in the editor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString

from otklik.core.file_sizes import filesizeformat
from otklik.desks.texts import name_of
from otklik.people.models import Person
from otklik.tickets.models import PendingReply, Ticket
from otklik.tickets.stored_refusals import translated
from otklik.ui.addresses import address_of
from otklik.ui.markup import words_html
from otklik.workspace.forms.message import SendAtForm
from otklik.workspace.pending import replies_of

State = PendingReply.State
_TIME_FORM = "time-"


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file of a pending reply; `place`: its index, which the form sends."""

    place: int
    name: str
    size: str


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """A pending reply.

    `seconds`: until it is sent; `waits`: it is sent automatically; `time_form`: the name of the form that reschedules
    it.
    """

    id: int
    author: str
    html: SafeString
    files: list[OwnFile]
    step: str
    left_out: list[int]
    added: str
    scheduled: bool
    stopped: str
    due_at: datetime
    due_input: SafeString
    seconds: int
    waits: bool
    url: str
    undo_url: str
    now_url: str
    move_url: str
    time_form: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pending replies and drafts.

    `initial`: values for the reply form; `draft`: id of the draft in it; `drafts`: URLs of others.
    """

    entries: list[PendingEntry]
    initial: dict[str, Any]
    draft: int
    draft_files: list[OwnFile]
    drafts: list[str]
    drop_url: str


def pending_of(*, person: Person, ticket: Ticket, draft: str, at: datetime, there: bool = True) -> Waiting:
    """Return the ticket's pending replies; `draft` is the id from the URL, opened if it is the person's own.

    One query; none if `there` is False because the caller knows that there are none.
    """
    rows = replies_of(person, ticket) if there else []
    mine = [reply for reply in rows if reply.state == State.DRAFT]
    opened = next((reply for reply in mine if str(reply.pk) == draft), None)
    address = address_of("workspace:ticket", ticket.key)
    return Waiting(
        entries=[entry_of(ticket, reply, at) for reply in rows if reply.state != State.DRAFT],
        initial=_initial(opened) if opened else {},
        draft=opened.pk if opened else 0,
        draft_files=_files(opened) if opened else [],
        drafts=[f"{address}?draft={reply.pk}#composer" for reply in mine if reply is not opened],
        drop_url=address_of("workspace:pending_drop", ticket.key, opened.pk) if opened else "",
    )


def _due_input(reply: PendingReply) -> SafeString:
    field = SendAtForm(initial={"send_at": reply.due_at}, auto_id=f"move-{reply.pk}-%s")["send_at"]
    return field.as_widget(attrs={"class": "form-control"})


def entry_of(ticket: Ticket, reply: PendingReply, at: datetime) -> PendingEntry:
    """Return a pending reply for the page."""
    seconds = max(0, round((reply.due_at - at).total_seconds()))
    place: list[str | int] = [ticket.key, reply.pk]
    return PendingEntry(
        id=reply.pk,
        author=reply.author.display_name,
        html=words_html(reply.text, reply.markup),
        files=_files(reply),
        step=name_of(reply.transition.target) if reply.transition else "",
        left_out=reply.left_out,
        added=", ".join(reply.added),
        scheduled=reply.scheduled,
        stopped=translated(reply.why) if reply.state == State.STOPPED else "",
        due_at=reply.due_at,
        due_input=_due_input(reply),
        seconds=seconds,
        waits=reply.state == State.WAITING,
        url=address_of("workspace:pending", *place),
        undo_url=address_of("workspace:pending_undo", *place),
        now_url=address_of("workspace:pending_now", *place),
        move_url=address_of("workspace:pending_move", *place),
        time_form=f"{_TIME_FORM}{reply.pk}",
    )


def _initial(reply: PendingReply) -> dict[str, Any]:
    return {
        "comment": reply.text,
        "step": reply.transition_id,
        "left_out": reply.left_out,
        "added": ", ".join(reply.added),
        "send_at": reply.due_at if reply.scheduled and reply.due_at > timezone.now() else None,
        "unless_answered": reply.unless_answered,
    }


def _files(reply: PendingReply) -> list[OwnFile]:
    return [
        OwnFile(place, file.get("name", "?"), filesizeformat(file.get("size", 0)))
        for place, file in enumerate(reply.files)
    ]
