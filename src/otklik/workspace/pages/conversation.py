"""Page data for a ticket's conversation: messages, with timeline lines between them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil
from typing import Any
from urllib.parse import quote

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.core.file_sizes import filesizeformat
from otklik.desks.queries import hold_time
from otklik.journal.models import Event
from otklik.mail.events import MailUndelivered
from otklik.mail.reasons import in_words
from otklik.people.models import Person
from otklik.tickets.commands.edit_message import correctable_until
from otklik.tickets.commands.forward import is_forwardable
from otklik.tickets.event_lines import actor_name, line_of
from otklik.tickets.events import MailFiled, MessageEvent
from otklik.tickets.impersonation import posing_among
from otklik.tickets.models import Attachment, Message, Ticket
from otklik.ui.addresses import address_of
from otklik.ui.conversation_paging import IsPinned, Window, ids_to_render, is_read
from otklik.ui.cut_notices import told_cuts
from otklik.ui.mail_layout import laid_out
from otklik.ui.markup import named_pictures, words_html
from otklik.ui.message_html import message_html
from otklik.ui.pictures import is_picture
from otklik.ui.revisions import Former, former_words


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file to download; `picture`: the URL of its preview, "" if there is none."""

    name: str
    size: str
    url: str
    picture: str = ""


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """A message as staff see it. `side`: "agent" or "customer"; `fresh`: it arrived while the agent was writing."""

    id: int
    kind: str
    held: bool
    side: str
    author: str
    claimed: str
    at: datetime
    via: str
    via_icon: str
    why: str
    html: SafeString
    quoted: SafeString
    files: list[FileLink]
    # Pictures from signatures and quotations.
    folded: list[FileLink]
    original_url: str
    frame_url: str
    admit_url: str
    # For held mail: the From address if it can be added or asked about, the requester who may own it, and the URL that
    # asks them.
    writer: str
    owner: str
    ask_owner_url: str
    move_url: str
    split_url: str
    mail_url: str
    fresh: bool
    asked: list[str]
    asked_url: str
    # People that the mail claims as its author; the requester (`known`) only for held messages.
    claims: list[dict[str, Any]]
    claim_url: str
    # Deliveries (workspace.delivery_status), filled by the page.
    sent: list[Any] = field(default_factory=list)
    # A notice of what was cut from the mail because of limits.
    cut: str = ""
    is_message: bool = True
    edited_at: datetime | None = None
    withdrawn_at: datetime | None = None
    former: tuple[Former, ...] = ()
    # Ids of people whom its author left out of its mails.
    left_out: tuple[int, ...] = ()
    edit_url: str = ""
    withdraw_url: str = ""
    # "" for held, withdrawn or internal messages, as far as they cannot be quoted or forwarded.
    quote_url: str = ""
    forward_url: str = ""
    # For the note of a forward: the recipient's address.
    forwarded_to: str = ""
    # URL and seconds left to cancel a forward that is not sent yet.
    undo_url: str = ""
    undo_seconds: int = 0
    # The customer's name imitates an agent's or the desk's.
    posing: bool = False
    opening: bool = False


@dataclass(frozen=True, slots=True)
class EventEntry:
    """A line of the timeline: «Статус» «Открытый → В работе», by whom."""

    icon: str
    label: str
    words: str
    actor: str
    at: datetime
    fresh: bool
    is_message: bool = False
    # The page of the mail that the event is about.
    url: str = ""


@dataclass(frozen=True, slots=True)
class FoldedEntry:
    """An earlier message that is not rendered; the page loads it on demand."""

    id: int
    at: datetime


Entry = MessageEntry | EventEntry | FoldedEntry


def entries_of(
    ticket: Ticket,
    messages: Iterable[Message],
    events: Iterable[Event],
    fresh_after: int | None,
    reader: Person,
    *,
    window: Window,
) -> list[Entry]:
    """Return messages and events, oldest first.

    `messages` come with author and attachments loaded. `fresh_after`: id of the last event the agent had seen, None if
    it does not matter; `window`: which messages are rendered.
    """
    events, messages = list(events), list(messages)
    read = [message for message in messages if is_read(message)]
    former = former_words(read, staff=True)
    posing = posing_among(ticket, read)
    new = {event.id for event in events if _is_new(event, fresh_after, reader)}
    fresh = fresh_messages(events, fresh_after, reader)
    drawn = ids_to_render(messages, never_folded(fresh), window)

    def entry_of(message: Message) -> Entry:
        if message.pk not in drawn:
            return FoldedEntry(message.pk, message.created_at)
        entry = message_entry(
            ticket, message, fresh=message.pk in fresh, former=former.get(message.pk, ()), reader=reader
        )
        return replace(entry, posing=True) if message.pk in posing else entry

    timed: list[tuple[datetime, int, Entry]] = [(message.created_at, 0, entry_of(message)) for message in messages]
    reports = _reports(events)
    shown_with_others = {report.id for report in reports.values()}
    for event in events:
        line = event_entry(ticket, event, fresh=event.id in new, report=reports.get(event.id))
        if line is not None and event.id not in shown_with_others:
            timed.append((event.at, 1, line))
    return [entry for _at, _rank, entry in sorted(timed, key=lambda entry: entry[:2])]


def fresh_messages(events: Iterable[Event], fresh_after: int | None, reader: Person) -> set[int]:
    """Return ids of the messages that other people's events after `fresh_after` (event id) are about."""
    told_new = (event.typed for event in events if _is_new(event, fresh_after, reader))
    return {typed.message for typed in told_new if isinstance(typed, MessageEvent)}


def never_folded(fresh: set[int]) -> IsPinned:
    """Return the rule for messages that are never folded: held ones, and those in `fresh`."""
    return lambda message: message.held or message.pk in fresh


def _reports(events: Iterable[Event]) -> dict[int, Event]:
    """Map ids of MailUndelivered events to the event of the delivery report, which is shown in the same line."""
    filed = {event.typed.mail: event for event in events if isinstance(event.typed, MailFiled)}
    lost = ((event, event.typed) for event in events)
    reported = ((event, filed.get(typed.report)) for event, typed in lost if isinstance(typed, MailUndelivered))
    return {event.id: report for event, report in reported if report is not None}


def _is_new(event: Event, after: int | None, reader: Person) -> bool:
    """Return whether somebody else caused the event after the event `after`."""
    return after is not None and event.id > after and event.actor_id != reader.pk


def message_entry(
    ticket: Ticket,
    message: Message,
    *,
    fresh: bool = False,
    former: Sequence[Former] = (),
    reader: Person | None = None,
) -> MessageEntry:
    """Return a message with the URLs of everything that the reader may do with it."""
    until = correctable_until(reader, ticket, message)
    own: list[str | int] = [ticket.key, message.pk] if until is not None and timezone.now() <= until else []
    by_staff = message.side != Message.Side.CUSTOMER
    via, icon = _via(ticket, message, by_staff)
    seconds = _undo_seconds(ticket, message)
    mail = message.inbound_id
    writer = getattr(message, "from_address", "") or "" if message.held else ""
    files = list(message.attachments.all())
    pictures = [(file.name, _picture(file)) for file in files if is_picture(file)]
    inside = named_pictures(message.text, message.markup, dict(pictures))
    laid = laid_out(message, files, shown_at=_picture, given_at=_download) if message.withdrawn_at is None else None
    folded = {file.pk for file in files if file.folded} | (laid.folded if laid else frozenset())
    hidden = folded | (laid.shown if laid else frozenset())
    return MessageEntry(
        id=message.pk,
        kind=message.kind,
        held=message.held,
        side="agent" if by_staff else "customer",
        author=_author(message),
        claimed=message.claimed_author,
        at=message.created_at,
        via=via,
        via_icon=icon,
        why=in_words(message.why),
        html=laid.html if laid else words_html(message.text, message.markup, pictures),
        quoted=message_html(message.quoted) if message.quoted else SafeString(),
        files=[
            file_link(file)
            for file in files
            if file.pk not in hidden and not (is_picture(file) and file.name in inside)
        ],
        folded=[file_link(file) for file in files if file.pk in folded],
        original_url=address_of("workspace:mail", ticket.key, mail) if mail else "",
        frame_url=address_of("workspace:frame", ticket.key, message.pk) if message.html else "",
        admit_url=address_of("workspace:admit", ticket.key, message.pk) if message.held else "",
        writer=writer,
        owner=ticket.requester.staff_name if writer and ticket.requester else "",
        ask_owner_url=address_of("workspace:ask_owner", ticket.key, message.pk) if writer and ticket.requester else "",
        move_url=address_of("workspace:move_message", ticket.key, message.pk) if mail else "",
        split_url=address_of("workspace:split_message", ticket.key, message.pk) if mail and not message.opening else "",
        mail_url=_mail_url(ticket, message),
        fresh=fresh,
        claims=_claims(ticket, message),
        claim_url=address_of("workspace:take_claim", ticket.key, message.pk) if message.claims else "",
        asked=list(message.asked),
        asked_url=address_of("workspace:add_asked", ticket.key, message.pk) if message.asked else "",
        cut="" if message.withdrawn_at else told_cuts(message.cuts),
        opening=message.opening,
        edited_at=message.edited_at,
        withdrawn_at=message.withdrawn_at,
        former=tuple(former),
        left_out=tuple(message.left_out),
        edit_url=address_of("workspace:edit_message", *own) if own else "",
        withdraw_url=address_of("workspace:withdraw_message", *own) if own else "",
        quote_url=_quote_url(ticket, message),
        forward_url=address_of("workspace:forward", ticket.key, message.pk) if is_forwardable(message) else "",
        forwarded_to=getattr(message, "forwarded_to", None) or "",
        undo_url=address_of("workspace:forward_undo", ticket.key, message.pk) if seconds else "",
        undo_seconds=seconds,
    )


def _mail_url(ticket: Ticket, message: Message) -> str:
    """Return the URL of the received mail; "" if there is none, or if the ticket's former desk received it."""
    taken_at = getattr(message, "taken_at", ticket.desk_id)
    if message.inbound_id is None or taken_at != ticket.desk_id:
        return ""
    return address_of("workspace:ledger_mail", ticket.desk.key, message.inbound_id)


def _undo_seconds(ticket: Ticket, message: Message) -> int:
    if not getattr(message, "forwarded_to", None) or message.withdrawn_at is not None:
        return 0
    return max(0, ceil((message.created_at + hold_time(ticket.desk) - timezone.now()).total_seconds()))


def _quote_url(ticket: Ticket, message: Message) -> str:
    """Return the ticket's URL with the message quoted in the composer; internal messages are quoted in a note."""
    if message.held or message.withdrawn_at is not None or not message.text.strip():
        return ""
    where = "&write=note" if message.kind == Message.Kind.INTERNAL else ""
    return f"{address_of('workspace:ticket', ticket.key)}?quote={message.pk}{where}#composer"


def _author(message: Message) -> str:
    if message.author is not None:
        return message.author.staff_name
    nobody = _("Otklik") if message.side == Message.Side.SYSTEM else _("Unknown sender")
    return message.claimed_author or nobody


def _claims(ticket: Ticket, message: Message) -> list[dict[str, Any]]:
    known = (ticket.requester.email or "") if ticket.requester else ""
    # A held reply may be the requester's own, sent through a list or a forwarder, so it is shown too.
    named = ({**claim, "known": claim["address"] == known} for claim in message.claims)
    return [claim for claim in named if message.held or not claim["known"]]


def file_link(file: Attachment) -> FileLink:
    """Return the link to a file, under the URL of Jira's portal; that view checks access again."""
    picture = _picture(file) if is_picture(file) else ""
    return FileLink(file.name or "file", filesizeformat(file.size), _download(file), picture)


def _download(file: Attachment) -> str:
    return f"/servicedesk/customershim/secure/attachment/{file.pk}/{quote(file.name or 'file', safe='')}"


def _picture(file: Attachment) -> str:
    return f"/servicedesk/customershim/secure/thumbnail/{file.pk}/{quote(file.name or 'file', safe='')}"


def event_entry(ticket: Ticket, event: Event, *, fresh: bool = False, report: Event | None = None) -> EventEntry | None:
    """Return the line for an event; None if its message shows it already. `report`: the delivery report's event."""
    line = line_of(event.typed)
    texts = line.staff(event.typed, event) if line.staff else None
    if texts is None:
        return None
    label, text = texts
    if report is not None and isinstance(report.typed, MailFiled) and report.typed.words:
        text = f"{text} «{report.typed.words}»"
    icon = line.icon_of(event.typed)
    return EventEntry(icon, label, text, actor_name(event), event.at, fresh, url=_filed_url(report or event, ticket))


def _filed_url(event: Event, ticket: Ticket) -> str:
    """Return the URL of a mail that became no message; "" for other events, and if the ticket was moved since."""
    typed = event.typed
    if not isinstance(typed, MailFiled) or not typed.key.startswith(f"{ticket.desk.key}-"):
        return ""
    return address_of("workspace:ledger_mail", ticket.desk.key, typed.mail)


def channel_words(channel: str) -> str:
    """Return the label of the channel through which a ticket came."""
    words = {"mail": _("by mail"), "portal": _("on the portal"), "phone": _("by phone")}
    return words.get(channel, channel)


def _via(ticket: Ticket, message: Message, by_staff: bool) -> tuple[str, str]:
    if message.inbound_id is not None:
        return _("by mail"), "mail"
    if message.opening:
        return channel_words(ticket.channel), _CHANNEL_ICONS.get(ticket.channel, "world")
    return ("", "") if by_staff else (_("on the portal"), "world")


_CHANNEL_ICONS = {"mail": "mail", "phone": "phone"}
