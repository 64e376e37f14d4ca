"""Build the bytes of a mail from an outbox row (RFC 5322, CR LF, lines of at most 998 octets)."""

import re
import unicodedata
from datetime import datetime
from email.charset import BASE64, Charset
from email.encoders import encode_base64
from email.header import Header, decode_header, make_header
from email.mime.base import MIMEBase
from email.utils import formatdate, parseaddr

from django.core.mail import EmailMultiAlternatives

from otklik.core import blobs
from otklik.mail.late_notice import delay_words, marked_html, marked_text
from otklik.mail.models import OutboundFile, OutboundMail
from otklik.mail.own_mail_marks import HEADER, new_boundary, our_mark

# Text goes as base64: servers without 8BITMIME keep it whole, and no line is ever too long.
_CHARSET = Charset("utf-8")
_CHARSET.body_encoding = BASE64
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,400}>")
_ENCODED_WORD = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]*\?=")
_MOST_REFERENCES = 11
_LONGEST_LINE = 998
_LONGEST_NAME = 120
_NAMES = {
    "content-type", "mime-version", "subject", "from", "to", "date", "message-id", "auto-submitted", "precedence",
    "x-auto-response-suppress", HEADER.lower(), "reply-to", "in-reply-to", "references", "content-transfer-encoding",
    "list-unsubscribe", "list-unsubscribe-post",
}  # fmt: skip


class UnableToCompose(Exception):
    """The row cannot be sent as a mail; the message says why."""


def compose(mail: OutboundMail, at: datetime | None = None) -> bytes:
    """Return the complete mail. The same row always gives the same Message-ID. Raises UnableToCompose.

    `at`: the time of sending; a mail that is long overdue then contains a notice. Whatever the row's texts contain, the
    mail has exactly our headers and one recipient (AB-87).
    """
    try:
        message = _message(mail, delay_words(mail, at) if at else "").message()
        # Django does not say the header's name, so its first line would be folded before the first word.
        message.replace_header("Subject", _words(one_line(mail.subject), "Subject"))
        if mail.sender_name:
            author = _words(one_line(mail.sender_name), "From")
            author.append(f"<{mail.sender}>", "us-ascii")
            message.replace_header("From", author)
        if message.is_multipart():
            message.set_boundary(new_boundary())
        raw = bytes(message.as_bytes(linesep="\r\n"))  # type: ignore[call-arg]  # Django's own argument
    except (ValueError, UnicodeError, LookupError, blobs.BlobMissing) as error:
        raise UnableToCompose(f"{type(error).__name__}: {error}") from error
    raw = re.sub(rb"\r(?!\n)|(?<!\r)\n", b"\r\n", raw)
    if not mail.recipient.isascii():
        # RFC 6532: such an address stands as it is; encoded words are no address.
        raw = re.sub(rb"^To: [^\r]*", lambda _found: f"To: {mail.recipient}".encode(), raw, count=1, flags=re.MULTILINE)
    _assert_sound(raw)
    return raw


def one_line(text: str) -> str:
    """Make text safe for a header: no control characters or line separators, also not inside encoded words."""
    for _ in range(3):
        plain = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} else char for char in text)
        decoded = _decoded(plain)
        if decoded == plain:
            break
        text = decoded
    return " ".join(plain.replace("=?", "= ?").split())


def _decoded(text: str) -> str:
    return _ENCODED_WORD.sub(lambda word: _decoded_word(word.group()), text)


def _decoded_word(word: str) -> str:
    try:
        return str(make_header(decode_header(word)))
    except (ValueError, LookupError):
        return word.replace("=?", "= ?")


def _message(mail: OutboundMail, delay: str) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=one_line(mail.subject),
        body=marked_text(mail.text, delay),
        from_email=_mailbox(mail.sender),
        to=[_mailbox(mail.recipient)],
        headers=_headers(mail),
    )
    message.encoding = _CHARSET  # Django documents that a Charset may stand here
    if mail.html:
        message.attach_alternative(marked_html(mail.html, delay), "text/html")
    for file in sorted(mail.files.all(), key=lambda file: file.pk):
        if file.content_id:
            message.attach(_in_place(file))
        else:
            message.attach(_file_name(file.name), blobs.read(file.digest), _type(file.content_type))
    return message


def _in_place(file: OutboundFile) -> MIMEBase:
    """Return an image that the HTML refers to by Content-ID."""
    part = MIMEBase(*_type(file.content_type).split("/"))
    part.set_payload(blobs.read(file.digest))
    encode_base64(part)
    part["Content-ID"] = f"<{file.content_id}>"
    part.add_header("Content-Disposition", "inline", filename=("utf-8", "", _file_name(file.name)))
    return part


def _headers(mail: OutboundMail) -> dict[str, str]:
    headers = {
        "Date": formatdate(mail.created_at.timestamp()),
        "Message-ID": _ids(mail.message_id),
        "Auto-Submitted": "auto-replied" if mail.auto_submitted == "auto-replied" else "auto-generated",
        "Precedence": "bulk",
        "X-Auto-Response-Suppress": "All",
        HEADER: our_mark(),
        "Reply-To": _mailbox(mail.reply_to) if mail.reply_to else "",
        "In-Reply-To": _ids(mail.in_reply_to),
        "References": _ids(mail.references),
        **_unsubscribe(mail.unsubscribe),
    }
    return {name: value for name, value in headers.items() if value}


def _unsubscribe(url: str) -> dict[str, str]:
    """Return the headers for one-click unsubscription (RFC 2369, RFC 8058), which requires https."""
    if not re.fullmatch(r"https://[!-;=?-~]{1,280}", url):
        return {}
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _mailbox(address: str) -> str:
    """Return the address. Raises ValueError if it could be read as anything but one plain address."""
    if parseaddr(address)[1] != address or address.count("@") != 1 or re.search(r"[\s,;:<>()\"\\]", address):
        raise ValueError(f"not one address: {address!r}")
    return address


def _ids(text: str) -> str:
    """Return the Message-IDs in a text, separated by blanks: the first, which is the root, and the last ten."""
    ids = _MESSAGE_ID.findall(text)
    return " ".join(ids if len(ids) <= _MOST_REFERENCES else [ids[0], *ids[-(_MOST_REFERENCES - 1) :]])


def _words(text: str, name: str) -> Header:
    """Return text as a header value; encoded even if it is ASCII but could be taken for syntax."""
    plain = text.isascii() and (name == "Subject" or re.fullmatch(r"[A-Za-z0-9 ]+", text))
    return Header(text, "us-ascii" if plain else _CHARSET, header_name=name)


def _file_name(name: str) -> str:
    """Shorten the name so that it fits on one line when percent-encoded, keeping its extension."""
    plain = one_line(name) or "file"
    return plain if len(plain) <= _LONGEST_NAME else f"{plain[: _LONGEST_NAME - 20]}{plain[-20:]}"


def _type(content_type: str) -> str:
    """Return the content type if it is harmless, otherwise application/octet-stream: mails and multiparts would be
    parsed by the recipient's program."""
    plain = re.fullmatch(r"(application|image|audio|video|font|model)/[a-z0-9][a-z0-9.+-]{0,80}", content_type.lower())
    return plain.group() if plain else "application/octet-stream"


def _assert_sound(raw: bytes) -> None:
    head = raw.partition(b"\r\n\r\n")[0]
    names = [
        line.partition(b":")[0].decode("ascii", "replace").lower()
        for line in head.split(b"\r\n")
        if line[:1] not in b" \t"
    ]
    if not set(names) <= _NAMES or len(names) != len(set(names)) or names.count("to") != 1:
        raise UnableToCompose(f"unexpected headers: {', '.join(names)}"[:300])
    if any(len(line) > _LONGEST_LINE for line in raw.split(b"\r\n")):
        raise UnableToCompose("a line is longer than 998 octets")
