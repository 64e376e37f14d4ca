"""«Активность»: public messages and changes of status, the newest first."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.desks.access import agents_of
from otklik.journal.models import Event
from otklik.people.models import Person
from otklik.tickets.access import readable_messages
from otklik.tickets.models import Attachment, Message, Ticket
from otklik.tickets.render import message_html

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
LARGEST_PREVIEW = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileLink:
    """An attachment; `picture` is the address of its preview, empty where there is none."""

    name: str
    size: str
    url: str
    picture: str


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """A message. `by_agent` decides the side; `frame` is the address of the mail as it was sent, empty without one."""

    id: int
    kind: str
    author: str
    by_agent: bool
    by_mail: bool
    at: datetime
    html: SafeString
    quoted: SafeString
    files: list[FileLink]
    frame: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """The status changed."""

    status: str
    at: datetime


Entry = MessageEntry | StatusEntry


@dataclass(frozen=True, slots=True)
class Activity:
    """The opening message, if the reader may see it; everything after it, newest first; the marker of this state."""

    opening: MessageEntry | None
    entries: list[Entry]
    marker: str


def activity_of(reader: Person, ticket: Ticket, since: datetime | None) -> Activity:
    """What a customer may see. `since`: from when on the reader sees changes of status. Five queries."""
    staff = set(agents_of(ticket.desk).values_list("pk", flat=True))
    readable = readable_messages(reader, ticket, as_agent=False)
    rows = list(readable.select_related("author").prefetch_related("attachments"))
    entries: list[Entry] = [message_entry(ticket, row, staff) for row in rows if not row.opening]
    entries += [StatusEntry(_status_after(event), event.at) for event in _moves(ticket, since)]
    # Python's sort is stable: what a comment moved comes after the comment, so it stands above it.
    entries = sorted(entries, key=lambda entry: entry.at)[::-1]
    opening = next((message_entry(ticket, row, staff) for row in rows if row.opening), None)
    return Activity(opening, entries, _marker(len(rows), max((row.pk for row in rows), default=0), ticket))


def marker_of(reader: Person, ticket: Ticket) -> str:
    """Changes whenever the activity would; says nothing about internal notes (AB-48). Two queries."""
    seen = readable_messages(reader, ticket, as_agent=False).order_by().aggregate(last=Max("id"), count=Count("id"))
    return _marker(seen["count"], seen["last"] or 0, ticket)


def message_entry(ticket: Ticket, row: Message, staff: Set[int]) -> MessageEntry:
    """One message for the page; `staff`: ids of the desk's people."""
    by_agent = row.author is not None and row.author_id != ticket.requester_id
    by_agent = by_agent and (row.author_id in staff or bool(row.author and row.author.is_admin))
    place = [ticket.desk_id, ticket.key, row.pk]
    return MessageEntry(
        id=row.pk,
        kind=row.kind,
        author=row.author.display_name if row.author else row.claimed_author or _("Unknown sender"),
        by_agent=by_agent,
        by_mail=row.inbound_id is not None,
        at=row.created_at,
        html=message_html(row.text),
        quoted=message_html(row.quoted) if row.quoted.strip() else SafeString(""),
        files=[_file(file) for file in row.attachments.all()],
        frame=reverse("portal:message_frame", args=place) if row.html.strip() else "",
    )


def _file(file: Attachment) -> FileLink:
    name = file.name.replace("/", "_") or "file"
    preview = file.content_type.lower() in PICTURES and 0 < file.size <= LARGEST_PREVIEW
    return FileLink(
        name=file.name,
        size=filesizeformat(file.size),
        url=reverse("portal:attachment", args=[file.pk, name]),
        picture=reverse("portal:thumbnail", args=[file.pk, name]) if preview else "",
    )


def _marker(count: int, last: int, ticket: Ticket) -> str:
    return f"{count}-{last}-{ticket.status_id}"


def _moves(ticket: Ticket, since: datetime | None) -> list[Event]:
    moves = Q(kind="ticket.status_changed") | Q(kind="ticket.commented") & ~Q(data__moved="")
    events = Event.objects.filter(moves, subject_kind="ticket", subject_id=ticket.pk).order_by("id")
    return [event for event in events if since is None or event.at >= since]


def _status_after(event: Event) -> str:
    return str(event.data.get("after") or event.data.get("moved") or "")
