"""Frozen values of a parsed mail."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox as the sender wrote it. `address` may be "" if only a name was readable."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class FromResult:
    """The author named by From.

    `identity` is set only if the header is unambiguous (AB-09, AB-10). `claim` and `name` are for display.
    """

    identity: str | None
    claim: str
    name: str
    malformed: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the mail that is a file.

    `name`: safe to show, at most 150 characters; `full_name`: the same uncut; both "" if there is none. `content_type`:
    as claimed, lower case. `content_id`: without brackets.
    """

    name: str
    content_type: str
    size: int
    content: bytes
    content_id: str = ""
    inline: bool = False
    full_name: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """A recipient in a delivery report (RFC 3464) to whom our mail was not delivered."""

    address: str
    status: str
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """The content of a non-delivery report; every field may be empty."""

    recipients: tuple[FailedRecipient, ...] = ()
    status: str = ""
    diagnostic: str = ""
    original_message_id: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A DKIM signature as written, not verified.

    `domain`: "" if unreadable; `covers_all`: it covers everything that is used of the mail.
    """

    domain: str
    covers_all: bool


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A parsed mail. All text can be stored in PostgreSQL: no NUL, no lone surrogates.

    `claims`: authors named by headers other than From; anybody may write them. `answers_itself`: a header says that
    a program replied; `is_auto_reply` and `is_bounce` may be based on text alone. `report`: what a report says of a
    mail (`failed`, `delayed`, `displayed`, …), "" if it is none; `reported_ids`: Message-IDs of the mails it is
    about. `is_generated`: a header besides `auto_submitted` says that a program wrote it. `names_failed`: a header
    names recipients who did not get a mail. `one_reading`: no other program can read the headers differently, and
    no field occurs twice that may occur once. `marked_text`: HTML that is the only text, with quotations marked; ""
    if `text` was plain. `attached_text`: text of attached mails or invitations besides a reply; `encrypted`:
    readable only with a key. `layout`: the whole mail with images and tables (`mail.parse.layout`); empty if `text`
    conveys as much. `cuts`: what a limit left out (`mail.parse.truncations`); `truncated`: whether anything was.
    `authentication_results`: unfolded, topmost first; `authentication_results_above_received` of them are above the
    first Received header, and only those can be our own mail server's (RFC 8601, AB-11).
    """

    from_address: str | None
    from_claim: str
    from_name: str
    from_malformed: bool
    sender: str | None
    reply_to: str | None
    claims: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    text: str
    reply_text: str
    quoted_text: str
    html: str | None
    parts: tuple[Part, ...]
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    date_claim: datetime | None
    is_auto_reply: bool
    is_bounce: bool
    bounce: Bounce | None
    answers_itself: bool
    report: str
    reported_ids: tuple[str, ...]
    names_failed: bool
    auto_submitted: str
    is_generated: bool
    precedence: str
    list_id: str
    return_path: str | None
    received_count: int
    x_loop: str
    x_auto_response_suppress: str
    x_otklik_desk: str
    authentication_results: tuple[str, ...]
    authentication_results_above_received: int
    one_reading: bool
    signatures: tuple[Signature, ...]
    marked_text: str
    attached_text: str
    encrypted: bool
    layout: tuple[str, ...]
    language: str | None
    defects: tuple[str, ...]
    cuts: tuple[str, ...]
    truncated: bool
