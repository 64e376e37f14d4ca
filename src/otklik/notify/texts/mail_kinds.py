"""The kinds of mail. A new kind is one entry here and one default text per language beside.

The default texts lie in `defaults/<language>/<name>.md`: the subject in the first line, then the body.
Who gets which kind is said by notify/rules.py; what the placeholders mean, by places.py.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from otklik.notify.texts.placeholders import DESK, FORWARD, TICKET

LANGUAGES = ("ru", "en")
_FOLDER = Path(__file__).parent / "defaults"
CUSTOMER, STAFF, ACCOUNT, APPROVER, OUTSIDE = "customer", "staff", "account", "approver", "outside"


@dataclass(frozen=True, slots=True)
class MailKind:
    """A kind of mail.

    `to`: customers (who may reply), staff (the link leads to the agents' page), the owner of an account (not about a
    ticket), an approver (who votes on the page, not by mail), or somebody external (whose answer is for the staff).
    `places`: allowed placeholders; `needs`: those the body must contain. `automatic`: sent without a deliberate act, so
    it contains no text of an unauthenticated sender (AB-88). `with_words`: contains the message and its files.
    `optional`: desks may switch it off; `off`: it is off by default.
    """

    name: str
    title: str | Promise
    about: str | Promise
    to: str = CUSTOMER
    places: tuple[str, ...] = TICKET
    needs: tuple[str, ...] = ()
    automatic: bool = False
    with_words: bool = False
    optional: bool = False
    off: bool = False


_COMMENT = (*TICKET, "comment.author", "comment.text", "status.after", "status.closed", "rating.links")
_ASKED = (
    *TICKET,
    "ticket.requester",
    "ticket.text",
    "ticket.files",
    "approval.question",
    "button.approve",
    "button.answer",
)
_STATUS = (*TICKET, "status.before", "status.after", "status.closed", "rating.links")

KINDS: tuple[MailKind, ...] = (
    MailKind(
        "accepted",
        _("Request accepted"),
        _("To the requester, as soon as a request was opened."),
        automatic=True,
        optional=True,
    ),
    MailKind(
        "comment",
        _("Public reply"),
        _("To everybody on the request, when somebody else wrote; a status changed in the same step stands in it too."),
        places=_COMMENT,
        needs=("comment.text",),
        with_words=True,
    ),
    MailKind(
        "status_changed",
        _("Status changed"),
        _("To everybody on the request, when somebody else changed the status without a word and without closing it."),
        places=_STATUS,
        automatic=True,
        optional=True,
        off=True,
    ),
    MailKind(
        "closed",
        _("Request closed"),
        _("To everybody on the request, when somebody else closed it without a word."),
        places=_STATUS,
        automatic=True,
        optional=True,
    ),
    MailKind(
        "moved",
        _("Handed over to another desk"),
        _("To everybody on the request, when it came to this desk from another one, under a new number."),
        automatic=True,
        optional=True,
        off=True,
    ),
    MailKind(
        "closed_by_mail",
        _("Closed as you asked by mail"),
        _("To whoever closed the request by a word in a mail, with a button that opens it again."),
        places=(*_STATUS, "button.reopen"),
        needs=("button.reopen",),
        automatic=True,
    ),
    MailKind(
        "added",
        _("A request was shared with you"),
        _("To the person with whom a request was shared."),
        automatic=True,
        optional=True,
    ),
    MailKind(
        "unread",
        _("A message on a request (not shown)"),
        _(
            "To somebody added by a customer who has neither written nor logged in yet, instead of the words: at most "
            "once a day."
        ),
        automatic=True,
    ),
    MailKind(
        "shared",
        _("Your request was shared"),
        _("To the requester, when somebody else shared the request."),
        automatic=True,
        optional=True,
    ),
    MailKind(
        "not_added",
        _("People were not added"),
        _("To whoever named more new people in a mail than one person may bring in within a day."),
        places=(*TICKET, "people.left"),
        needs=("people.left",),
    ),
    MailKind(
        "own_address",
        _("Answered from another address"),
        _("To the requester, when a mail from an address that is not on the request was held: at most once a day."),
        places=(*TICKET, "mail.from"),
        automatic=True,
        optional=True,
    ),
    MailKind(
        "approval_asked",
        _("Your approval is asked for"),
        _("To each person whose approval of a request is needed. The answer is given by the buttons, not by mail."),
        to=APPROVER,
        places=_ASKED,
        needs=("button.approve",),
        automatic=True,
    ),
    MailKind(
        "approval_reminder",
        _("Reminder of an approval"),
        _("To each person who has not answered, once, after the days that the desk's settings say."),
        to=APPROVER,
        places=_ASKED,
        needs=("button.approve",),
        automatic=True,
        optional=True,
    ),
    MailKind(
        "approval_talk",
        _("Answer to an approver's question"),
        _("To who is asked for an approval and asked something first, when somebody writes, until they decide."),
        to=APPROVER,
        places=(*_COMMENT, "button.approve", "button.answer"),
        needs=("comment.text", "button.approve"),
        with_words=True,
    ),
    MailKind(
        "approval_decided",
        _("Approval decided"),
        _("To everybody on the request, when the people asked approved or declined it."),
        places=(*TICKET, "approval.name", "approval.words", "approval.given", "status.after"),
        automatic=True,
        optional=True,
    ),
    MailKind(
        "approval_told",
        _("Approval decided (to the agent)"),
        _(
            "To the agent who asked for the approval and the one who has the request; if nobody has it, to those told "
            "of new requests."
        ),
        to=STAFF,
        places=(*TICKET, "approval.name", "approval.words", "approval.given", "status.after"),
        optional=True,
    ),
    MailKind(
        "activation",
        _("Your account"),
        _("The invitation at the first contact. Alone, once, to that address."),
        to=ACCOUNT,
        places=(*DESK, "button.activate"),
        needs=("button.activate",),
        automatic=True,
    ),
    MailKind(
        "new_request",
        _("New request"),
        _("To those of the staff whom the desk's settings name, when a request came that nobody has."),
        to=STAFF,
        places=(*TICKET, "ticket.requester", "ticket.text", "ticket.files"),
        optional=True,
    ),
    MailKind(
        "unassigned",
        _("Answer on a request that nobody has"),
        _("To the same people, when a customer wrote on a request without an assignee."),
        to=STAFF,
        places=_COMMENT,
        needs=("comment.text",),
        with_words=True,
        optional=True,
    ),
    MailKind("assigned", _("Request assigned"), _("To the agent who got the request."), to=STAFF, optional=True),
    MailKind(
        "customer_replied",
        _("The customer answered"),
        _("To the agent who has the request, when a customer wrote."),
        to=STAFF,
        places=_COMMENT,
        needs=("comment.text",),
        with_words=True,
        optional=True,
    ),
    MailKind(
        "mentioned",
        _("You are mentioned"),
        _("To a colleague whom an agent names by “@” in a note or a reply. Without the words, which may be internal."),
        to=STAFF,
        optional=True,
    ),
    MailKind(
        "customer_moved",
        _("The customer changed the status"),
        _(
            "To the agent who has the request, or else to those told of new requests, when a customer opened it again "
            "without a word."
        ),
        to=STAFF,
        places=(*TICKET, "status.before", "status.after"),
        optional=True,
    ),
    MailKind(
        "held",
        _("A mail waits for a decision"),
        _("To the agent who has the request, when a mail was held inside it."),
        to=STAFF,
        optional=True,
    ),
    MailKind(
        "forwarded",
        _("Forwarded message"),
        _("To somebody who is not on the request, when an agent forwards a message. The answer is an internal note."),
        to=OUTSIDE,
        places=("ticket.key", "ticket.subject", "actor.name", *DESK, *FORWARD),
        needs=("forward.text",),
        with_words=True,
    ),
    MailKind(
        "forward_answered",
        _("Answer to what was forwarded"),
        _("To the agent who forwarded a message and the one who has the request, when somebody outside answered."),
        to=STAFF,
        places=(*TICKET, "forward.address"),
        optional=True,
    ),
    MailKind(
        "reply_stayed",
        _("Your reply was not sent"),
        _("To the agent whose held or scheduled reply could not be sent when its time came, with the words."),
        to=STAFF,
        # Its author may not see the request any more.
        places=("ticket.key", "ticket.link", "button.open", "reply.why", "reply.text", *DESK),
        needs=("reply.text",),
    ),
    MailKind(
        "undelivered",
        _("A mail was not delivered"),
        _("To the agent who has the request, when a mail about it could not be delivered."),
        to=STAFF,
        places=(*TICKET, "failure.address", "failure.words"),
        optional=True,
    ),
)
BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Text:
    """The text of one kind in one language."""

    subject: str
    body: str


@cache
def default_text(kind: str, language: str) -> Text:
    """Return the default text."""
    first, _, body = (_FOLDER / language / f"{kind}.md").read_text(encoding="utf-8").partition("\n")
    return Text(first.removeprefix("Subject:").strip(), body.strip("\n") + "\n")
