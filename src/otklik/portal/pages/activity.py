"""Page data for «Активность» on the ticket card: public messages and status changes, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, Max, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.core.file_sizes import filesizeformat
from otklik.journal.models import Event
from otklik.people.models import Person
from otklik.tickets.access import LONG_AGO, messages_read, read_by, reads_since
from otklik.tickets.attachments import load_attachments, with_files_known
from otklik.tickets.commands.edit_message import correctable_until
from otklik.tickets.event_lines import kinds_for_customers, line_of, status_after
from otklik.tickets.events import TicketCommented
from otklik.tickets.impersonation import posing_among, with_staff
from otklik.tickets.models import Attachment, Message, Participant, Ticket
from otklik.tickets.timeline import with_facts, worded
from otklik.ui.conversation_paging import (
    FULL_LOAD_LIMIT,
    NEWEST,
    IsPinned,
    Window,
    ids_to_render,
    is_read,
    load_messages,
)
from otklik.ui.cut_notices import told_cuts
from otklik.ui.mail_layout import brief_text, laid_out
from otklik.ui.markup import named_pictures, words_html
from otklik.ui.message_html import message_html
from otklik.ui.pictures import is_picture
from otklik.ui.revisions import Former, former_words


@dataclass(frozen=True, slots=True)
class FileLink:
    """An attachment; `picture`: the URL of its preview, "" if there is none."""

    name: str
    size: str
    url: str
    picture: str


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """A message. `by_agent` decides the side; `frame`: URL of the original HTML mail, "" if there is none.

    `former`: earlier versions, oldest first; `edit_url`, `withdraw_url`: set while the reader may change it.
    """

    id: int
    kind: str
    author: str
    by_agent: bool
    by_mail: bool
    at: datetime
    html: SafeString
    quoted: SafeString
    files: list[FileLink]
    # Pictures from signatures and quotations.
    folded: list[FileLink]
    frame: str
    text: str = ""
    # A notice of what was cut from the mail because of limits.
    cut: str = ""
    withdrawn: bool = False
    edited_at: datetime | None = None
    former: tuple[Former, ...] = ()
    edit_url: str = ""
    withdraw_url: str = ""
    status: str = ""
    # The customer's name imitates an agent's or the desk's.
    posing: bool = False
    # False: an earlier message that is not rendered; it has no text and no files.
    drawn: bool = True


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """A change of status; or, with `line`, another event that participants may see."""

    status: str
    at: datetime
    line: str = ""
    icon: str = ""


Entry = MessageEntry | StatusEntry


@dataclass(frozen=True, slots=True)
class Activity:
    """The opening message, if the reader may see it; later entries, newest first; and a marker of this state."""

    opening: MessageEntry | None
    entries: list[Entry]
    marker: str


def activity_of(
    reader: Person, ticket: Ticket, own: Participant | None, at: datetime, *, window: Window = NEWEST
) -> Activity:
    """Return what a customer may see of the conversation. Three queries, one more if messages were edited.

    `own`: the reader's participant row, present or former; `window`: which messages to show.
    """
    begin = reads_since(reader, ticket, own.sees_from if own else None)
    rows = _conversation(ticket, reader, begin, window)
    read = [message for message in rows if is_read(message)]
    load_attachments(read)
    former = former_words(read, staff=False)
    posing = posing_among(ticket, read)
    drawn = ids_to_render(rows, _asked_last(rows), window)
    shown = {
        message.pk: replace(message_entry(ticket, message, former.get(message.pk, ())), posing=message.pk in posing)
        if message.pk in drawn
        else _folded(message)
        for message in rows
    }
    entries: list[Entry] = [
        _correctable(reader, ticket, message, at, shown[message.pk]) if message.pk in drawn else shown[message.pk]
        for message in rows
        if not message.opening
    ]
    since = own.sees_from if own is not None and own.removed_at is None else None
    entries += [
        line
        for event in worded(ticket.desk, _moves(ticket=ticket.pk, since=since or LONG_AGO))
        for line in _lines(event)
    ]
    # The sort is stable, so a status change made by a comment comes after it, and stands above it when reversed.
    entries = sorted(entries, key=lambda entry: entry.at)[::-1]
    opening = next((shown[message.pk] for message in rows if message.opening), None)
    marker = _marker(
        ticket,
        len(rows),
        max((message.pk for message in rows), default=0),
        max((message.edited_at for message in rows if message.edited_at), default=None),
        sum(message.withdrawn_at is not None for message in rows),
    )
    return Activity(opening, entries, marker)


def marker_of(reader: Person, ticket: Ticket) -> str:
    """Return a value that changes whenever the activity would, also at midnight, but not with notes (AB-48). One
    query."""
    rows = _counted(ticket=ticket.pk, reader=reader.pk)
    count, last, edited, withdrawn = rows[0] if rows else (0, 0, None, 0)
    return _marker(ticket, count, last, edited, withdrawn)


@fast_read("ticket", "reader")
def _counted(*, ticket: int, reader: int) -> QuerySet[Message, tuple[int, int, datetime | None, int]]:
    """Figures that change with the readable messages: number, last one, edits, withdrawals."""
    readable = read_by(Person(pk=reader)).filter(ticket=ticket)
    return (
        readable.order_by()
        .values("ticket")
        .values_list(Count("id"), Max("id"), Max("edited_at"), Count("withdrawn_at"))
    )


def message_entry(ticket: Ticket, message: Message, former: Sequence[Former] = ()) -> MessageEntry:
    """Return one message for the page."""
    withdrawn = message.withdrawn_at is not None
    place = [ticket.desk_id, ticket.key, message.pk]
    rows = [] if withdrawn else list(message.attachments.all())
    files = [_file(file) for file in rows]
    pictures = [(file.name, file.picture) for file in files if file.picture]
    inside = named_pictures(message.text, message.markup, dict(pictures))
    laid = None if withdrawn else laid_out(message, rows, shown_at=_thumbnail, given_at=_download)
    folded = {file.pk for file in rows if file.folded} | (laid.folded if laid else frozenset())
    hidden = folded | (laid.shown if laid else frozenset())
    return MessageEntry(
        id=message.pk,
        kind=message.kind,
        author=message.author.display_name if message.author else message.claimed_author or _("Unknown sender"),
        by_agent=message.side != Message.Side.CUSTOMER,
        by_mail=message.inbound_id is not None,
        at=message.created_at,
        html=laid.html if laid else words_html(message.text, message.markup, pictures),
        quoted=message_html(message.quoted) if message.quoted.strip() else SafeString(""),
        files=[
            shown
            for file, shown in zip(rows, files, strict=True)
            if file.pk not in hidden and not (shown.picture and shown.name in inside)
        ],
        folded=[shown for file, shown in zip(rows, files, strict=True) if file.pk in folded],
        frame=reverse("portal:message_frame", args=place) if message.html.strip() else "",
        text=brief_text(message),
        cut="" if withdrawn else told_cuts(message.cuts),
        withdrawn=withdrawn,
        edited_at=message.edited_at,
        former=tuple(former),
    )


def _folded(message: Message) -> MessageEntry:
    """Return what the card's header needs of a message that is not shown."""
    return MessageEntry(
        id=message.pk,
        kind=message.kind,
        author="",
        by_agent=message.side != Message.Side.CUSTOMER,
        by_mail=message.inbound_id is not None,
        at=message.created_at,
        html=SafeString(),
        quoted=SafeString(),
        files=[],
        folded=[],
        frame="",
        withdrawn=message.withdrawn_at is not None,
        drawn=False,
    )


def _correctable(reader: Person, ticket: Ticket, message: Message, at: datetime, entry: MessageEntry) -> MessageEntry:
    until = correctable_until(reader, ticket, message)
    if until is None or at > until:
        return entry
    place = [ticket.desk_id, ticket.key, message.pk]
    return replace(
        entry,
        edit_url=reverse("portal:edit_message", args=place),
        withdraw_url=reverse("portal:withdraw_message", args=place),
    )


def _file(file: Attachment) -> FileLink:
    return FileLink(
        name=file.name,
        size=filesizeformat(file.size),
        url=_download(file),
        picture=_thumbnail(file) if is_picture(file) else "",
    )


def _download(file: Attachment) -> str:
    return reverse("portal:attachment", args=[file.pk, file.name.replace("/", "_") or "file"])


def _thumbnail(file: Attachment) -> str:
    return reverse("portal:thumbnail", args=[file.pk, file.name.replace("/", "_") or "file"])


def _marker(ticket: Ticket, count: int, last: int, edited: datetime | None, withdrawn: int) -> str:
    """Includes the day, since "today" becomes "yesterday" on an open page."""
    changed = int(edited.timestamp() * 1000) if edited else 0
    taken = int(ticket.assignee_id is not None)
    return f"{count}-{last}-{changed}-{withdrawn}-{ticket.status_id}-{taken}-{timezone.localdate():%j}"


def _conversation(ticket: Ticket, reader: Person, begin: datetime | None, window: Window) -> list[Message]:
    """Return the messages that the reader may read, from `begin` on; with text for those that may be shown."""
    since, whole = begin or LONG_AGO, begin is None
    of = {"ticket": ticket.pk, "desk": ticket.desk_id, "reader": reader.pk}
    return load_messages(
        _newest(**of, since=since, whole=whole),
        lambda: _outline(ticket=ticket.pk, reader=reader.pk, since=since, whole=whole),
        lambda ids: _some(**of, since=since, whole=whole, ids=ids),
        _asked_last,
        window,
    )


def _asked_last(messages: Sequence[Message]) -> IsPinned:
    """Return a test for the last message that is not a customer's, to which the card links."""
    asked = next((message.pk for message in reversed(messages) if message.side != Message.Side.CUSTOMER), 0)
    return lambda message: message.pk == asked


@fast_read("ticket", "desk", "reader", "since")
def _newest(*, ticket: int, desk: int, reader: int, since: datetime, whole: bool) -> QuerySet[Message]:
    rows = _readable(Ticket(pk=ticket, desk_id=desk), reader, None if whole else since)
    return rows.order_by("-created_at", "-id")[: FULL_LOAD_LIMIT + 1]


@fast_read("ticket", "desk", "reader", "since", "ids")
def _some(*, ticket: int, desk: int, reader: int, since: datetime, whole: bool, ids: list[int]) -> QuerySet[Message]:
    return _readable(Ticket(pk=ticket, desk_id=desk), reader, None if whole else since).filter(AnyOf("id", ids))


@fast_read("ticket", "reader", "since")
def _outline(*, ticket: int, reader: int, since: datetime, whole: bool) -> QuerySet[Message]:
    """Return the columns needed of messages that are not shown."""
    return messages_read(Ticket(pk=ticket), reader, None if whole else since).only(*_OUTLINE)


def _readable(of: Ticket, reader: int, since: datetime | None) -> QuerySet[Message]:
    return with_files_known(with_staff(messages_read(of, reader, since), of)).select_related("author")


_OUTLINE = ("id", "ticket", "opening", "side", "kind", "inbound", "created_at", "edited_at", "withdrawn_at")


@fast_read("ticket", "since")
def _moves(*, ticket: int, since: datetime) -> QuerySet[Event]:
    """Events that customers may see, from `since` on."""
    events = Event.objects.filter(kind__in=kinds_for_customers(), subject_kind="ticket", subject_id=ticket)
    # Most comments change no status.
    return with_facts(events.filter(at__gte=since).exclude(TicketCommented.where(moved="")).order_by("id"))


def _lines(event: Event) -> list[Entry]:
    lines: list[Entry] = []
    typed = event.typed
    line = line_of(typed)
    if line.customers:
        lines.append(StatusEntry("", event.at, line.customers(typed), line.icon_of(typed)))
    if line.to_customers and (status := status_after(typed)):
        lines.append(StatusEntry(status, event.at))
    return lines
