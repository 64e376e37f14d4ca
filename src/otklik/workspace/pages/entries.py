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
from otklik.ui.cut_notices import told_cuts
from otklik.ui.earlier import Span, Stays, drawn_of, is_read
from otklik.ui.mail_layout import laid_out
from otklik.ui.markup import named_pictures, words_html
from otklik.ui.message_html import message_html
from otklik.ui.pictures import is_picture
from otklik.ui.revisions import Former, former_words


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file to download; `picture`: the address of its preview, empty where there is none."""

    name: str
    size: str
    url: str
    picture: str = ""


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """One message as the staff see it. `side`: "agent" or "customer"; `fresh`: came while the agent was writing."""

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
    # Pictures that sign the mail or stand in what it quotes.
    folded: list[FileLink]
    original_url: str
    frame_url: str
    admit_url: str
    # The address in From of a held mail, where it may be asked about or added; who may own it; where they are asked.
    writer: str
    owner: str
    ask_owner_url: str
    move_url: str
    split_url: str
    mail_url: str
    fresh: bool
    asked: list[str]
    asked_url: str
    # Who may have written it, as the mail claims; the requester (`known`) only of a held message.
    claims: list[dict[str, Any]]
    claim_url: str
    # Its mails (workspace.deliveries), where the page asks for them.
    sent: list[Any] = field(default_factory=list)
    # What a limit left out of its mail, in words.
    cut: str = ""
    is_message: bool = True
    edited_at: datetime | None = None
    withdrawn_at: datetime | None = None
    former: tuple[Former, ...] = ()
    edit_url: str = ""
    withdraw_url: str = ""
    # Both empty where the words are for nobody outside, or gone.
    quote_url: str = ""
    forward_url: str = ""
    # The address outside to which this note says that a message went.
    forwarded_to: str = ""
    # How it can be taken back, as long as it waits, and for how many seconds more.
    undo_url: str = ""
    undo_seconds: int = 0
    # A customer whose name reads like an agent's or the desk's.
    posing: bool = False
    opening: bool = False


@dataclass(frozen=True, slots=True)
class EventEntry:
    """Something that happened: «Статус» «Открытый → В работе», by whom."""

    icon: str
    label: str
    words: str
    actor: str
    at: datetime
    fresh: bool
    is_message: bool = False
    # The page of the mail that it tells of.
    url: str = ""


@dataclass(frozen=True, slots=True)
class FoldedEntry:
    """An earlier message for which the page has no room: nothing of it was made ready."""

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
    span: Span,
) -> list[Entry]:
    """Oldest first. `fresh_after`: the last event the agent had seen, if it matters; `span`: which messages are shown.

    `messages` come with author and attachments loaded.
    """
    events, messages = list(events), list(messages)
    read = [message for message in messages if is_read(message)]
    former = former_words(read, staff=True)
    posing = posing_among(ticket, read)
    new = {event.id for event in events if _is_new(event, fresh_after, reader)}
    fresh = fresh_messages(events, fresh_after, reader)
    drawn = drawn_of(messages, staying(fresh), span)

    def entry_of(one: Message) -> Entry:
        if one.pk not in drawn:
            return FoldedEntry(one.pk, one.created_at)
        entry = message_entry(ticket, one, fresh=one.pk in fresh, former=former.get(one.pk, ()), reader=reader)
        return replace(entry, posing=one.pk in posing)

    made: list[tuple[datetime, int, Entry]] = [(one.created_at, 0, entry_of(one)) for one in messages]
    reports = _reports(events)
    told = {report.id for report in reports.values()}
    for event in events:
        line = event_entry(ticket, event, fresh=event.id in new, report=reports.get(event.id))
        if line is not None and event.id not in told:
            made.append((event.at, 1, line))
    return [entry for _at, _rank, entry in sorted(made, key=lambda one: one[:2])]


def fresh_messages(events: Iterable[Event], fresh_after: int | None, reader: Person) -> set[int]:
    """The messages (ids) of which somebody else's events after `fresh_after` tell."""
    told_new = (event.typed for event in events if _is_new(event, fresh_after, reader))
    return {told.message for told in told_new if isinstance(told, MessageEvent)}


def staying(fresh: set[int]) -> Stays:
    """What the page shows however early it is: messages that wait for an agent, and the fresh ones."""
    return lambda message: message.held or message.pk in fresh


def _reports(events: Iterable[Event]) -> dict[int, Event]:
    """For mails that did not arrive (by the id of that event): the event of the report that said so, told with it."""
    filed = {event.typed.mail: event for event in events if isinstance(event.typed, MailFiled)}
    lost = ((event, event.typed) for event in events)
    told = ((event, filed.get(one.report)) for event, one in lost if isinstance(one, MailUndelivered))
    return {event.id: report for event, report in told if report is not None}


def _is_new(event: Event, after: int | None, reader: Person) -> bool:
    """Whether somebody else did it since; one's own acts are no news."""
    return after is not None and event.id > after and event.actor_id != reader.pk


def message_entry(
    ticket: Ticket,
    message: Message,
    *,
    fresh: bool = False,
    former: Sequence[Former] = (),
    reader: Person | None = None,
) -> MessageEntry:
    """A message with the addresses of everything that can be done with it by the reader."""
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
        edit_url=address_of("workspace:edit_message", *own) if own else "",
        withdraw_url=address_of("workspace:withdraw_message", *own) if own else "",
        quote_url=_quote_url(ticket, message),
        forward_url=address_of("workspace:forward", ticket.key, message.pk) if is_forwardable(message) else "",
        forwarded_to=getattr(message, "forwarded_to", None) or "",
        undo_url=address_of("workspace:forward_undo", ticket.key, message.pk) if seconds else "",
        undo_seconds=seconds,
    )


def _mail_url(ticket: Ticket, message: Message) -> str:
    """Where the desk's mail is shown; "" for what came by another way, or to the desk where the ticket was before."""
    taken_at = getattr(message, "taken_at", ticket.desk_id)
    if message.inbound_id is None or taken_at != ticket.desk_id:
        return ""
    return address_of("workspace:ledger_mail", ticket.desk.key, message.inbound_id)


def _undo_seconds(ticket: Ticket, message: Message) -> int:
    if not getattr(message, "forwarded_to", None) or message.withdrawn_at is not None:
        return 0
    return max(0, ceil((message.created_at + hold_time(ticket.desk) - timezone.now()).total_seconds()))


def _quote_url(ticket: Ticket, message: Message) -> str:
    """The ticket with the message quoted in the composer: what the staff alone reads, in the note."""
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
    # A held answer may be the requester's own, by a list or a forwarder; there is nothing to change then.
    named = ({**one, "known": one["address"] == known} for one in message.claims)
    return [one for one in named if message.held or not one["known"]]


def file_link(file: Attachment) -> FileLink:
    """The address where Jira's portal serves attachments; it asks tickets.access again."""
    picture = _picture(file) if is_picture(file) else ""
    return FileLink(file.name or "file", filesizeformat(file.size), _download(file), picture)


def _download(file: Attachment) -> str:
    return f"/servicedesk/customershim/secure/attachment/{file.pk}/{quote(file.name or 'file', safe='')}"


def _picture(file: Attachment) -> str:
    return f"/servicedesk/customershim/secure/thumbnail/{file.pk}/{quote(file.name or 'file', safe='')}"


def event_entry(ticket: Ticket, event: Event, *, fresh: bool = False, report: Event | None = None) -> EventEntry | None:
    """The line of an event; None for what its message shows already. `report`: the mail by which it became known."""
    line = line_of(event.typed)
    said = line.staff(event.typed, event) if line.staff else None
    if said is None:
        return None
    label, words = said
    if report is not None and isinstance(report.typed, MailFiled) and report.typed.words:
        words = f"{words} «{report.typed.words}»"
    icon = line.icon_of(event.typed)
    return EventEntry(icon, label, words, actor_name(event), event.at, fresh, url=_filed_url(report or event, ticket))


def _filed_url(event: Event, ticket: Ticket) -> str:
    """The page of the mail that an event tells of, for those whose mail became no message; "" for what came to another
    desk before the ticket was moved here."""
    told = event.typed
    if not isinstance(told, MailFiled) or not told.key.startswith(f"{ticket.desk.key}-"):
        return ""
    return address_of("workspace:ledger_mail", ticket.desk.key, told.mail)


def channel_words(channel: str) -> str:
    """The label of the channel by which a request came."""
    words = {"mail": _("by mail"), "portal": _("on the portal"), "phone": _("by phone")}
    return words.get(channel, channel)


def _via(ticket: Ticket, message: Message, by_staff: bool) -> tuple[str, str]:
    if message.inbound_id is not None:
        return _("by mail"), "mail"
    if message.opening:
        return channel_words(ticket.channel), _CHANNEL_ICONS.get(ticket.channel, "world")
    return ("", "") if by_staff else (_("on the portal"), "world")


_CHANNEL_ICONS = {"mail": "mail", "phone": "phone"}
