"""Values of the placeholders for one mail to one person, in the active language."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from django.conf import settings
from django.utils.translation import gettext as _

from otklik.core.humanized_time import moment_in_full
from otklik.desks.models import Desk
from otklik.desks.texts import name_of, text_of
from otklik.journal.events import TypedEvent
from otklik.mail.events import MailUndelivered
from otklik.notify.texts.render import Value, lines, text_value
from otklik.people.models import Person
from otklik.tickets.content import Words, harmless
from otklik.tickets.events import ApprovalAnswered, ApprovalAsked, ApprovalReminded, NewcomersLeft
from otklik.tickets.models import Forward, Message, PendingReply, Ticket
from otklik.tickets.models.rating import SCORES
from otklik.tickets.stored_refusals import translated
from otklik.ui.markup import words_html, words_text

NOTHING = Value("", "")
# Values that an unauthenticated sender may have chosen; automatic mail to unverified addresses omits them (AB-88).
_STRANGERS = (
    "ticket.subject",
    "ticket.answers",
    "ticket.requester",
    "ticket.text",
    "ticket.files",
    "person.name",
    "actor.name",
)
_CUSTOMERS = ("comment.author", "comment.text", "approval.name", "approval.words")
_BUTTON = (
    '<p style="margin:24px 0 16px;"><a href="{link}" style="display:inline-block;background-color:#066fd1;'
    "border:solid #066fd1;border-width:10px 20px;border-radius:4px;color:#ffffff;font-weight:600;"
    'text-decoration:none;">{label}</a></p>'
)
_SAID = (
    '<div style="margin:0 0 12px;padding:4px 0 4px 16px;border-left:3px solid #dce1e7;overflow-wrap:anywhere;">{html}'
    "</div>"
)
_MARK = (
    '<a href="{link}" style="display:inline-block;margin:0 6px 6px 0;padding:8px 16px;border:1px solid #066fd1;'
    'border-radius:4px;color:#066fd1;font-weight:600;text-decoration:none;">{score}</a>'
)
_SMALL = '<p style="margin:0 0 12px;font-size:14px;color:#667382;">{words}</p>'


@dataclass(frozen=True, slots=True)
class Said:
    """A message for a mail.

    `left_out`: names of files too large to attach. `markup`: as in Message. `laid_out`: its layout as text and HTML
    (ui.mail_layout). `cut`: a note on what a limit left out.
    """

    text: str
    author: str
    left_out: tuple[str, ...] = ()
    markup: str = Message.Markup.PLAIN
    laid_out: tuple[str, str] | None = None
    cut: str = ""


def desk_values(desk: Desk, person: Person, address: str) -> dict[str, Value]:
    """Return the values for all mails of a desk."""
    return {
        "desk.name": text_value(text_of(desk, "name")),
        "desk.phone": text_value(desk.phone),
        "desk.address": text_value(address),
        "site.name": text_value(str(settings.SITE_NAME)),
        "person.name": text_value(person.name),
    }


def ticket_values(ticket: Ticket, link: str, actor: str) -> dict[str, Value]:
    """Return the values for a mail about a ticket, besides the desk's. `actor`: the acting person's name."""
    kind = text_of(ticket.request_type, "name") if ticket.request_type_id and ticket.request_type else ""
    return {
        "ticket.key": text_value(ticket.key),
        "ticket.subject": text_value(ticket.subject),
        "ticket.status": text_value(name_of(ticket.status)),
        "ticket.type": text_value(kind),
        "ticket.link": Value(link, f'<a style="color:#066fd1;" href="{escape(link)}">{escape(link)}</a>'),
        "button.open": button(_("Open the request"), link),
        "actor.name": text_value(actor),
    }


def said_values(said: Said) -> dict[str, Value]:
    """Return the values of a message."""
    plain, rich = said.laid_out or (words_text(said.text, said.markup), words_html(said.text, said.markup))
    text = plain.strip("\n")
    # Mail programs support this style, which keeps runs of blanks.
    html = rich.replace('<div class="typed">', '<div style="white-space:pre-wrap;">', 1)
    html = _SAID.format(html=html)
    if said.cut:
        text, html = f"{text}\n\n{said.cut}", html + _SMALL.format(words=escape(said.cut))
    if said.left_out:
        hint = _("These files are too large for a mail; they are on the request's page:")
        names = ", ".join(said.left_out)
        text, html = f"{text}\n\n{hint} {names}", html + _SMALL.format(words=f"{escape(hint)} {escape(names)}")
    return {"comment.author": text_value(said.author), "comment.text": Value(text or " ", html)}


def status_values(before: str, after: str, *, closed: bool) -> dict[str, Value]:
    """Return the values of a change of status."""
    return {
        "status.before": text_value(before),
        "status.after": text_value(after),
        "status.closed": text_value(after) if closed else NOTHING,
    }


def approval_values(told: TypedEvent, link: str) -> dict[str, Value]:
    """Return the values of an approval, from its event."""
    asked = told if isinstance(told, ApprovalAsked | ApprovalReminded) else None
    answer = told if isinstance(told, ApprovalAnswered) else None
    given = answer is not None and answer.settled == "approved"
    return {
        "approval.question": lines(asked.question if asked else ""),
        "approval.name": text_value(answer.name if answer else ""),
        "approval.words": lines(answer.words if answer else ""),
        "approval.given": text_value(_("yes")) if given else NOTHING,
        "button.approve": button(_("Open the whole request"), link),
    }


def failure_values(told: TypedEvent) -> dict[str, Value]:
    """Return the values of an undelivered mail, or of people who were not added, from the event."""
    lost = told if isinstance(told, MailUndelivered) else None
    left = told.addresses if isinstance(told, NewcomersLeft) else ()
    return {
        "people.left": text_value(", ".join(left)),
        "failure.address": text_value(lost.address if lost else ""),
        "failure.words": text_value(lost.words if lost else ""),
    }


def reply_values(reply: PendingReply | None, why: str) -> dict[str, Value]:
    """Return the values of a reply that was not sent."""
    words = harmless(Words(reply.text, markup=reply.markup)) if reply is not None else Words("")
    return {
        "reply.why": text_value(translated(why)),
        "reply.text": said_values(Said(words.text, "", markup=words.markup))["comment.text"],
    }


def forward_values(forward: Forward | None, address: str) -> dict[str, Value]:
    """Return the values of a forwarded message. `address`: the recipient."""
    note = forward.message if forward is not None else None
    comment = words_html(note.text, note.markup) if note is not None and note.text.strip() else ""
    return {
        "forward.words": Value(words_text(note.text, note.markup).strip("\n"), comment)
        if note and comment
        else NOTHING,
        "forward.text": said_values(Said(note.quoted, ""))["comment.text"] if note is not None else NOTHING,
        "forward.author": text_value(forward.author if forward is not None else ""),
        "forward.date": text_value(moment_in_full(forward.written_at) if forward and forward.written_at else ""),
        "forward.address": text_value(address),
    }


def rating_value(link: str) -> Value:
    """Return five links, from 5 to 1. Following one opens a page; only that page submits the rating."""
    marks = [(score, f"{link}?score={score}") for score in reversed(SCORES)]
    text = "\n".join(f"{score}: {address}" for score, address in marks)
    html = " ".join(_MARK.format(link=escape(address), score=score) for score, address in marks)
    return Value(text, f'<p style="margin:8px 0 16px;">{html}</p>')


def button(label: str, link: str) -> Value:
    """Return a link as a button; in plain text, the URL below its label."""
    return Value(f"{label}:\n{link}", _BUTTON.format(link=escape(link), label=escape(label)))


def without_customers(values: Mapping[str, Value], *, said_by_staff: bool) -> dict[str, Value]:
    """Like `without_strangers`, and also without text of customers: for recipients never heard from."""
    shown = set() if not said_by_staff else {"comment.author", "comment.text"}
    gone = (name for name in _CUSTOMERS if name in values and name not in shown)
    return {**without_strangers(values), **dict.fromkeys(gone, NOTHING)}


def without_strangers(values: Mapping[str, Value]) -> dict[str, Value]:
    """Blank the values that an unauthenticated sender may have chosen."""
    chosen = (name for name in values if name in _STRANGERS or name.startswith("answer."))
    return {**values, **dict.fromkeys(chosen, NOTHING)}
