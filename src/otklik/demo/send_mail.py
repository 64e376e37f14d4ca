"""Send a mail written in the demo to the intake by SMTP, like any other."""

import smtplib
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from typing import Any

from django.conf import settings

from otklik.mail.compose import one_line
from otklik.mail.models import OutboundMail

_SECONDS = 20.0


class UnableToPost(Exception):
    """The intake refused the mail; the message is its response."""


def post(letter: dict[str, Any], answered: OutboundMail | None) -> None:
    """Send the visitor's mail to the intake. Raises UnableToPost."""
    host, _colon, port = settings.DEMO_SMTP.rpartition(":")
    message = _message(letter, answered)
    try:
        with smtplib.SMTP(host.strip("[]"), int(port), timeout=_SECONDS) as smtp:
            smtp.send_message(message, from_addr=letter["from_address"], to_addrs=[letter["to"]])
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise UnableToPost(str(error)) from error


def reply_subject(mail: OutboundMail) -> str:
    """Return the subject of a reply, with "Re:" in front."""
    return mail.subject if mail.subject.lower().startswith("re:") else f"Re: {mail.subject}"


def _message(letter: dict[str, Any], answered: OutboundMail | None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = formataddr((one_line(letter["from_name"]), letter["from_address"]))
    message["To"] = letter["to"]
    message["Subject"] = one_line(letter["subject"])
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=letter["from_address"].rpartition("@")[2])
    text = letter["text"]
    if answered is not None:
        message["In-Reply-To"] = answered.message_id
        message["References"] = " ".join([*answered.references.split(), answered.message_id])
        text = f"{text}\n\n{_quoted(answered)}"
    message.set_content(text)
    for file in letter["attachments"]:
        kind, _slash, subtype = (file.content_type or "application/octet-stream").partition("/")
        message.add_attachment(file.read(), maintype=kind, subtype=subtype or "octet-stream", filename=file.name)
    return message


def _quoted(mail: OutboundMail) -> str:
    """Return the mail quoted as mail programs do."""
    head = f"{mail.created_at:%d.%m.%Y %H:%M}, {mail.sender_name} <{mail.sender}>:"
    return "\n".join([head, *(f"> {line}" for line in mail.text.splitlines())])
