"""The text of a mail that has none of its own: of a mail forwarded as attachment, or of an invitation."""

import re

from otklik.mail.parse import attachments, body, budget, charset, header_block, headers, html, mime, text_cleaning
from otklik.mail.parse.budget import Work
from otklik.mail.parse.model import Part

# The first piece of a mail sent in pieces begins with its header (RFC 2046, 5.2.2).
_MAILS = {"message/rfc822", "message/global", "message/partial"}
_UNKNOWN = {"application/octet-stream", "application/x-unknown", "text/plain", "application/eml", "application/ics"}
_FOLD = re.compile(r"\r?\n[ \t]")
_EVENT = re.compile(r"BEGIN:(VEVENT|VTODO)\b(.*?)(?:END:\1|\Z)", re.DOTALL | re.IGNORECASE)
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d{0,2}(Z?))?")
_ESCAPE = re.compile(r"\\([nN,;\\])")
_HTML = re.compile(r"</(?:html|body|p|div|span|table|ul|ol|b|a)>|<br ?/?>", re.I)
_LEVELS = 3
_LONGEST, _LONGEST_TITLE = 64 * 1024, 8 * 1024


def text_of(parts: list[Part], depth: int = _LEVELS) -> str:
    """Return the text of forwarded mails, else of the first invitation; "" for neither. Three levels deep."""
    mails = [_mail_words(part.content, depth) for part in parts if _is_mail(part) and budget.allows(Work.OPENED)]
    if any(mails):
        return "\n\n".join(filter(None, mails))
    for part in parts:
        if _is_event(part) and budget.allows(Work.OPENED):
            event_text = _event_words(part.content)
            if event_text:
                return event_text
    return ""


def _is_mail(part: Part) -> bool:
    """Return whether a part is a mail, including .eml files of unknown type."""
    return part.content_type in _MAILS or (part.content_type in _UNKNOWN and part.name.lower().endswith(".eml"))


def _is_event(part: Part) -> bool:
    named = part.content_type in _UNKNOWN and part.name.lower().endswith(".ics")
    return named or part.content_type in {"text/calendar", "application/ics"}


def is_calendar_answer(tree: mime.Tree) -> bool:
    """Return whether the mail is a reply to an invitation without a comment."""
    for node in tree.leaves():
        if node.content_type == "text/calendar" and node.type_params.get("method", b"").strip().lower() == b"reply":
            return not _event(attachments.content_of(tree, node)).get("COMMENT", "")
    return False


def title(part: Part) -> str:
    """Return a file name for an unnamed part: a mail's subject, an invitation's summary."""
    if part.content_type in _MAILS:
        raw = header_block.normal_line_ends(part.content[:_LONGEST])
        fields = header_block.read_fields(raw, header_block.skip_envelope(raw), len(raw))[0]
        return f"{headers.subject(fields, '') or 'mail'}.eml"
    if _is_event(part):
        return f"{_event(part.content[:_LONGEST_TITLE]).get('SUMMARY', '') or 'invitation'}.ics"
    return ""


def _mail_words(raw: bytes, depth: int) -> str:
    collected = body.collect(mime.read(raw))
    read, rendered, _source = body.readable(collected)
    shown = read if body.is_visible(read) else rendered.text if isinstance(rendered, html.Rendered) else ""
    if not body.is_visible(shown) and depth > 1:
        return text_of(collected.parts, depth - 1)
    return shown.strip("\n")


def _event_words(raw: bytes) -> str:
    event = _event(raw)
    when = " – ".join(
        filter(None, [_time(event.get("DTSTART", "")), _time(event.get("DTEND", "") or event.get("DUE", ""))])
    )
    zone = event.get("TZID", "")
    lines = [event.get("SUMMARY", ""), f"{when} ({zone})" if when and zone else when, event.get("LOCATION", "")]
    description = _plain(event.get("DESCRIPTION", "")) or _plain(event.get("X-ALT-DESC", ""))
    more = (event.get(name, "") for name in ("URL", "COMMENT"))
    return "\n".join(
        dict.fromkeys(filter(None, [*lines, description, *(line for line in more if line not in description)]))
    )


def _plain(value: str) -> str:
    """Return a description as plain text; some calendars write HTML."""
    if not _HTML.search(value):
        return value
    return (html.bare(value) if html.too_complex(value) else html.render(value).text).strip()


def _event(raw: bytes) -> dict[str, str]:
    """Return the first event's fields, unescaped, with the TZID of its start (RFC 5545)."""
    source = _FOLD.sub("", text_cleaning.body(charset.decode(raw[:_LONGEST], "utf-8")))
    match = _EVENT.search(source)
    fields: dict[str, str] = {}
    for line in (match.group(2) if match else "").split("\n"):
        name, _colon, value = line.strip("\r").partition(":")
        kind, _semicolon, more = name.partition(";")
        zone = re.search(r"TZID=\"?([^;:\"]{1,80})", more)
        if kind.upper() == "DTSTART" and zone:
            fields["TZID"] = zone.group(1)
        fields.setdefault(kind.upper().strip(), _ESCAPE.sub(_unescaped, value).strip())
    return fields


def _unescaped(match: re.Match[str]) -> str:
    return "\n" if match.group(1) in "nN" else match.group(1)


def _time(value: str) -> str:
    match = _TIME.match(value)
    if match is None:
        return ""
    year, month, day, hour, minute, utc = match.groups()
    return f"{day}.{month}.{year}" + (f" {hour}:{minute}{' UTC' if utc else ''}" if hour else "")
