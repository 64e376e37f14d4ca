"""A message's text for quoting and forwarding, as plain text."""

from otklik.tickets.models import Message
from otklik.ui.mail_layout import mail_content
from otklik.ui.markup import words_text


def plain_words(message: Message) -> str:
    """Return the message as plain text, with tables and pictures as text; "" if it was withdrawn."""
    laid = mail_content(message, []) if message.withdrawn_at is None else None
    return (laid[0] if laid else words_text(message.text, message.markup)).strip("\n")


def quotation(message: Message) -> str:
    """Return the message quoted for a composer: each line behind ">", then an empty line."""
    lines = plain_words(message).split("\n")
    return "".join(f"> {line}".rstrip() + "\n" for line in lines) + "\n"
