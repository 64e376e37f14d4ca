"""Remove from a reply what our mail that it answers already said (ADR 62)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from otklik.intake import ticket_matching
from otklik.mail.late_notice import delay_words, marked_html, marked_text
from otklik.mail.models import InboundMail, OutboundMail
from otklik.mail.parse import ParsedMail, html, reply
from otklik.tickets.models import Message, Ticket

_MOST_MAILS, _MOST_MESSAGES = 6, 50
_MOST_CHARS = 64_000


def new_words(parsed: ParsedMail, ticket: Ticket) -> reply.Trimmed | None:
    """Split the mail into reply and quotation by comparing it with our mails about the ticket.

    None if it answers a mail that we do not know. An empty reply names its attachments. Reads the database only.
    """
    mails, sure = _answered(parsed, ticket)
    if not mails:
        return None
    ours = [text for mail in mails for text in _texts(mail)]
    texts = _limited([*ours, *_said(ticket)])
    names = [mails[0].sender, mails[0].sender_name]
    known, marked = reply.Known(texts, len(ours)), parsed.marked_text
    shown = parsed.text if marked else ""
    split = reply.new_words(marked or parsed.text, known, names=names, html=bool(marked), shown=shown)
    if not split.reply.strip() and parsed.attached_text:
        attached = reply.new_words(parsed.attached_text, known, names=names).reply
        split = replace(split, reply=attached)
    return split if sure or split.found else None


def new_subject(parsed: ParsedMail, ticket: Ticket) -> str:
    """Return what the reply's subject adds to known subjects of the ticket; "" if nothing, or if it matches none.

    Reads the database only.
    """
    ours, _ = _answered(parsed, ticket)
    theirs = InboundMail.objects.filter(ticket_id=ticket.pk).exclude(message_id=parsed.message_id).order_by("id")
    known = [ticket.subject, *(mail.subject for mail in ours), *theirs.values_list("subject", flat=True)[:1]]
    return reply.new_subject(parsed.subject, [*known, *(f"{ticket.key} {subject}" for subject in known)], ticket.key)


def _answered(parsed: ParsedMail, ticket: Ticket) -> tuple[list[OutboundMail], bool]:
    """Return our mails about the ticket, the answered one first, and whether the reply names that one.

    Empty if the reply names a foreign mail, whose quotation it then contains. Without any reference our mails are
    tried, since anybody who writes to our address has read one.
    """
    named = [f"<{message_id}>" for message_id in parsed.in_reply_to or parsed.references[-1:]]
    rows = OutboundMail.objects.filter(ticket_id=ticket.pk, words_removed_at=None, sensitive=False).order_by("-id")
    answered = list(rows.filter(message_id__in=named)[:1]) if named else []
    if (
        named
        and not answered
        and set(ticket_matching.quoted_ids(parsed)) - {message_id.strip("<>") for message_id in named}
    ):
        return [], False
    others = rows.filter(recipient=answered[0].recipient).exclude(pk=answered[0].pk) if answered else rows
    return [*answered, *others[: _MOST_MAILS - len(answered)]], bool(answered)


def _texts(mail: OutboundMail) -> Iterator[str]:
    delay = delay_words(mail, mail.sent_at) if mail.sent_at else ""
    yield marked_text(mail.text, delay)
    if mail.html and not html.too_complex(mail.html):
        yield html.render(marked_html(mail.html, delay)).text


def _said(ticket: Ticket) -> Iterable[str]:
    """Texts of the ticket that customers may read, newest first."""
    messages = Message.objects.for_customers().filter(ticket=ticket).order_by("-id")
    return messages.values_list("text", flat=True)[:_MOST_MESSAGES]


def _limited(texts: Iterable[str]) -> list[str]:
    out, left = [], _MOST_CHARS
    for text in texts:
        if left <= 0:
            break
        out.append(text[:left])
        left -= len(text)
    return out
