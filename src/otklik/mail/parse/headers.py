"""Header values of a mail: subject, ids, date, and those that matter for loops and trust."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from otklik.mail.parse import addresses, encoded_words, limits, text_cleaning
from otklik.mail.parse.header_block import Fields
from otklik.mail.parse.model import Address, FromResult

_ID = re.compile(r"<\s*([^<>\s]{1,998})\s*>")
# Headers in which groups, web forms and forwarders that rewrite From put the author.
_CLAIM = re.compile(
    r"reply-to|mail-reply-to|author|x-mailfrom|sender|resent-from"
    r"|(?:x-)?(?:[a-z0-9]+-){0,3}(?:original|orig|old|previous|real|true|actual)-(?:from|sender|author|reply-to)"
    r"|x-(?:[a-z0-9]+-){0,2}(?:from|sender|author|reply-to)"
)
_NO_CLAIM = re.compile(r"x-(?:envelope|mail|forwarded|resent|smtp)-(?:from|sender)")
# Likeliest first: Reply-To may be a shared box; who sends or passes on for somebody is rather not the author.
_LATE_CLAIMS = ("reply-to", "resent-from", "sender")
# A list server or mailer that names itself as the sender.
_MACHINE = re.compile(
    r"(?:.{0,64}[-.+_])?(?:bounces?|owner|request|admin|no-?reply|do-?not-?reply|mailer|mailer-daemon|postmaster|"
    r"listserv|majordomo|srs[01])(?:[-.+=_].{0,300})?@.{0,255}",
    re.I,
)
_ENCODED_AGAIN = re.compile(r"=\?[\w.:+-]{1,60}\?[bq]\?[^?\s]{1,12000}\?=", re.I)
_FEW_REFERENCES = 3
_VIA = re.compile(r"['\"]?([^'\"\n]{1,100}?)['\"]?\s(?:via|through|über|par|через|від)\s", re.I)
_MOST_CLAIMS = 3
_BARE_ID = re.compile(r"(?<![^<>\s\"',;()])[^<>\s\"',;()]{1,500}@[^<>\s\"',;()]{1,400}")


def subject(fields: Fields, hint: str) -> str:
    """Return the subject on one line, at most 300 characters."""
    return cut_subject(whole_subject(fields, hint))


def cut_subject(whole: str) -> str:
    """Cut a subject to the stored length."""
    return whole[: limits.SUBJECT_CHARS].rstrip()


def whole_subject(fields: Fields, hint: str) -> str:
    """Return the complete subject on one line, also decoding double encoding and HTML entities."""
    decoded = encoded_words.decode_header(fields.first("subject"), hint)
    if decoded.isascii() and _ENCODED_AGAIN.fullmatch(decoded.strip()):
        decoded = encoded_words.decode_header(decoded.encode(), hint)
    return text_cleaning.line(text_cleaning.without_references(decoded, _FEW_REFERENCES))


def ids(raw: bytes) -> tuple[str, ...]:
    """Return the Message-IDs in a header, without brackets; bare ones only if there is none in brackets."""
    value = text_cleaning.line(raw.decode("utf-8", "replace"))
    ids_read = _ID.findall(value) or _BARE_ID.findall(value)
    return tuple(dict.fromkeys(str(message_id_read) for message_id_read in ids_read))


def message_id(fields: Fields) -> str:
    """Return the Message-ID without brackets; the raw value if it is invalid; "" if absent."""
    raw = fields.first("message-id")
    ids_read = ids(raw)
    if ids_read:
        return ids_read[0]
    return text_cleaning.line(raw.decode("utf-8", "replace")).strip("<> ")[: limits.MESSAGE_ID_CHARS]


def references(fields: Fields) -> tuple[str, ...]:
    """Return the last 20 ids of References."""
    raw = fields.first("references")
    tail = raw[-limits.REFERENCES * limits.MESSAGE_ID_CHARS :]
    return ids(tail)[-limits.REFERENCES :]


def date(fields: Fields) -> datetime | None:
    """Return the claimed time of writing, aware; None if it is implausible (RL-17). Never raises."""
    try:
        parsed = parsedate_tz(fields.text("date")[:200])
        if parsed is None:
            return None
        moment = datetime(*parsed[:5], min(parsed[5], 59), tzinfo=timezone(timedelta(seconds=parsed[9] or 0)))
        moment.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return moment if 1970 <= moment.year < 9999 else None


def one_address(fields: Fields, name: str, hint: str) -> str | None:
    """Return the first address of a header, for display; None if there is none."""
    addresses_read = addresses.parse_list(fields.first(name), hint)
    return next((address.address for address in addresses_read if "@" in address.address), None)


def claims(fields: Fields, author: FromResult, hint: str) -> tuple[Address, ...]:
    """Return whom fields other than From, and its display name and local part, name as the author.

    The likeliest first, without duplicates and without the From address.
    """
    named: dict[str, Address] = {}
    values = [(name, value) for name, value in fields.items if _claims(name)]
    for name, value in sorted(values, key=lambda claim: _lateness(claim[0])):
        for claim in addresses.parse_list(value, hint):
            if name == "sender" and _MACHINE.fullmatch(claim.address):
                continue
            known = named.get(claim.address.lower())
            if (
                "@" in claim.address
                and claim.address.lower() != author.claim.lower()
                and (known is None or not known.name)
            ):
                named[claim.address.lower()] = claim
    for claim in _among_recipients(fields, author, hint):
        named.setdefault(claim.address.lower(), claim)
    for address in (*addresses.in_name(author.name), *addresses.in_local_part(author.claim)):
        if address.lower() != author.claim.lower():
            named.setdefault(address.lower(), Address("", address))
    return tuple(named.values())[:_MOST_CLAIMS]


def _among_recipients(fields: Fields, author: FromResult, hint: str) -> list[Address]:
    """Return the author whom a list moved to Cc, found by the name it left in From, as in `Vera Ilina via Docs`."""
    name = _VIA.match(author.name)
    copied = addresses.parse_list(fields.first("cc"), hint) if name else ()
    return [one for one in copied if name and "@" in one.address and one.name.casefold() == name[1].casefold()]


def _lateness(name: str) -> int:
    return _LATE_CLAIMS.index(name) + 1 if name in _LATE_CLAIMS else 0


def _claims(name: str) -> bool:
    return _CLAIM.fullmatch(name) is not None and _NO_CLAIM.fullmatch(name) is None


def return_path(fields: Fields) -> str | None:
    """Return the envelope sender from Return-Path: "" for `<>`, None if there is no such header."""
    raw = fields.first("return-path")
    if not raw:
        return None
    value = text_cleaning.line(raw.decode("utf-8", "replace"))
    match = re.search(r"<([^<>]*)>", value)
    return (match.group(1) if match else value).strip()[:320]


def plain(fields: Fields, name: str) -> str:
    """Return a machine-readable header as one short line."""
    return text_cleaning.line(fields.first(name).decode("utf-8", "replace"), limits.NAME_CHARS)


def authentication(fields: Fields) -> tuple[tuple[str, ...], int]:
    """Return Authentication-Results, topmost first, and how many are above the first Received (AB-11)."""
    results: list[str] = []
    above, received = 0, False
    for name, value in fields.items:
        if name == "received":
            received = True
        elif name == "authentication-results":
            results.append(text_cleaning.line(value.decode("utf-8", "replace"), 4_000))
            above += not received
    return tuple(results[:50]), above
