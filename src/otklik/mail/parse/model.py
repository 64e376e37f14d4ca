"""Frozen values of a parsed mail."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox as the sender wrote it: `address` may be empty when only a name could be read."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class FromResult:
    """Who the From header names.

    `identity` is set only when the header leaves no doubt (AB-09, AB-10). `claim` and `name` are what can be
    shown.
    """

    identity: str | None
    claim: str
    name: str
    malformed: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of the mail that is a file.

    `name` is safe to show and at most 150 characters, `full_name` the same uncut; both are empty when the
    mail gives
    no name. `content_type` is what the sender claims, lower case. `content_id` carries no brackets.
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
    """One recipient of a delivery report (RFC 3464) that did not get our mail."""

    address: str
    status: str
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a non-delivery report tells; every field may be empty."""

    recipients: tuple[FailedRecipient, ...] = ()
    status: str = ""
    diagnostic: str = ""
    original_message_id: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A DKIM signature as it is written, not checked.

    `domain` is empty for one that cannot be read; `covers_all`: nothing that is used of the mail is left open by it.
    """

    domain: str
    covers_all: bool


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A whole mail, read. All text is storable in PostgreSQL: no NUL, no lone surrogate.

    `claims`: whom other fields than From name as the author, without the one in From; anybody may write them.

    `answers_itself`: a field of the head says that a program answered; `is_auto_reply` and `is_bounce` may come from
    words alone. `report`: what a report tells of a mail (`failed`, `delayed`, `displayed`, …), "" for what is none;
    `reported_ids`: the Message-IDs of the mails that it is about.
    `names_failed`: a field of the head names recipients who did not get a mail.

    `one_reading`: no other program can read the head otherwise, and no field stands twice that may stand once.

    `marked_text`: HTML that is the mail's only text, with its quotations marked; empty where `text` was written so.

    `attached_text`: what attached mails or invitations say beside words of an answer; `encrypted`: its words are for
    the owner of a key only.

    `layout`: the whole mail as it looked, with its pictures and tables (`mail.parse.layout`); empty where `text` says
    as much.

    `cuts`: what a limit left out (`mail.parse.truncations`); `truncated`: whether anything was.

    `authentication_results` are unfolded, topmost first; `authentication_results_above_received` of them
    stand above
    the first Received header, only those can come from our own mail server (RFC 8601, AB-11).
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
