"""The content of a mail for a ticket: text and attachments."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from otklik.core import blobs
from otklik.core.file_sizes import filesizeformat
from otklik.intake import answered_mail
from otklik.intake.file_endings import ending
from otklik.mail.models import InboundMail
from otklik.mail.parse import ParsedMail, layout
from otklik.mail.parse.layout_trimming import trim_layout
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import Attachment, Ticket

_EMPTY_LINES = re.compile(r"\A(?:\s*\n)?")
ORIGINAL_TYPE = "message/rfc822"


def words_of_request(parsed: ParsedMail, mail: InboundMail) -> Words:
    """Return the content of a new ticket's message: the whole text, quotations included, and the HTML."""
    if mail.full_size is not None:
        return Words(text=_beginning_only(parsed.text, mail.full_size), cuts=parsed.cuts)
    text = _readable(_without_margins(parsed.text), parsed)
    words = Words(text=text or _("(no text)"), html=parsed.html or "", cuts=parsed.cuts)
    return _laid_out(words, text, parsed, mail, whole=True)


def words_of_reply(parsed: ParsedMail, mail: InboundMail, ticket: Ticket) -> Words:
    """Return the content of a reply: new text and quotation apart. The HTML, which holds both, stays as it is."""
    split = answered_mail.new_words(parsed, ticket)
    if split is not None:
        parsed = replace(parsed, reply_text=split.reply, quoted_text=split.quoted)
    if mail.full_size is not None:
        text = _beginning_only(parsed.reply_text, mail.full_size)
        return Words(text=text, quoted=parsed.quoted_text, cuts=parsed.cuts)
    text = _without_margins(parsed.reply_text)
    if not text and split is None:
        text, parsed = _without_margins(parsed.text), replace(parsed, quoted_text="")
    if not text and (added := answered_mail.new_subject(parsed, ticket)):
        text = _("In the subject: %(words)s") % {"words": added}
    text = _readable(text, parsed)
    words = Words(text=text or _("(no text)"), quoted=parsed.quoted_text, cuts=parsed.cuts)
    return _laid_out(words, text, parsed, mail, whole=False)


def first_words(parsed: ParsedMail, limit: int = 200) -> str:
    """Return the beginning of the mail's text on one line, at most `limit` characters."""
    line = " ".join((parsed.reply_text.strip() or parsed.text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _laid_out(words: Words, text: str, parsed: ParsedMail, mail: InboundMail, *, whole: bool) -> Words:
    """Add the layout to the content, if it shows more than the text does."""
    fit = trim_layout(parsed.layout, text, whole=whole, patched=True) if parsed.layout else None
    if fit is None:
        return replace(words, layout=layout.NONE) if words.html else words
    fit = fit.without(_seen_before(parsed, mail, fit.signing))
    return replace(words, layout=fit.text, folded=fit.folded)


def _seen_before(parsed: ParsedMail, mail: InboundMail, pictures: frozenset[str]) -> frozenset[str]:
    """Return which of these images earlier mails of the sender contained, as signatures do. At most one query."""
    digests = {
        hashlib.sha256(part.content).hexdigest(): part.content_id
        for part in parsed.parts
        if part.content_id in pictures
    }
    if not digests or not parsed.from_claim:
        return frozenset()
    known = Attachment.objects.filter(digest__in=digests, message__inbound__from_address__iexact=parsed.from_claim)
    known = known.exclude(message__inbound=mail.pk)
    return frozenset(digests[digest] for digest in known.values_list("digest", flat=True).distinct())


def _readable(text: str, parsed: ParsedMail) -> str:
    """Return the text, with a notice in front if the mail is encrypted."""
    if not parsed.encrypted:
        return text
    notice = _("(The mail is encrypted and cannot be read here; whoever has the key can read the original.)")
    return f"{notice}\n\n{text}" if text else notice


def _without_margins(text: str) -> str:
    """Strip surrounding empty lines, keeping the first line's indentation."""
    return _EMPTY_LINES.sub("", text.rstrip(), count=1)


def _beginning_only(text: str, size: int) -> str:
    """Return the text with a notice that the mail was too large to be read completely (RL-14)."""
    notice = _("This mail is too large (%(size)s): only its beginning was taken. The whole mail stays in its mailbox.")
    return f"{notice % {'size': filesizeformat(size)}}\n\n{text.strip()}".rstrip()


def files_of(parsed: ParsedMail, mail: InboundMail, words: Words) -> list[NewFile]:
    """Store and return the mail's files; and the original if parsing was incomplete. `words`: the mail's content."""
    files = [replace(file, folded=file.content_id in words.folded) for file in _parts(parsed)]
    if parsed.truncated:
        files.append(original(mail))
    return files


def original(mail: InboundMail) -> NewFile:
    """Store and return the original mail as a file."""
    digest, size = blobs.put(bytes(mail.raw))
    return NewFile(name=f"mail-{mail.pk}.eml", content_type=ORIGINAL_TYPE, size=size, digest=digest)


def _parts(parsed: ParsedMail) -> Iterator[NewFile]:
    for number, part in enumerate(parsed.parts, 1):
        digest, size = blobs.put(part.content)
        yield NewFile(
            name=part.name or part.title or f"file-{number}{ending(part.content_type)}",
            content_type=part.content_type,
            size=size,
            digest=digest,
            content_id=part.content_id,
            inline=part.inline,
        )
