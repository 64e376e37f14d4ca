"""A message's text for quoting and forwarding, as plain text."""

from otklik.tickets.models import Message
from otklik.ui.mail_layout import mailed
from otklik.ui.markup import words_text


def plain_words(message: Message) -> str:
    """What the message says, tables and pictures as words; "" of one that was withdrawn."""
    laid = mailed(message, []) if message.withdrawn_at is None else None
    return (laid[0] if laid else words_text(message.text, message.markup)).strip("\n")


def quotation(message: Message) -> str:
    """The message in a composer: each of its lines behind a sign, and an empty one behind it to write on."""
    lines = plain_words(message).split("\n")
    return "".join(f"> {line}".rstrip() + "\n" for line in lines) + "\n"
