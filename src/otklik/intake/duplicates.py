"""Detect the same mail arriving twice: re-encoded, with a list's footer, or in two mailboxes of a desk (ADR 69).

The ledger counts equal bytes as copies when it takes them. Here is what ways change besides: mails with the same
Message-ID, author, date and subject are compared by their words and files, and one that brings nothing new is filed at
the request that has them. A way may also give a mail its first Message-ID, or another one: such a mail has to say the
very same.
"""

from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate
from re import IGNORECASE, MULTILINE
from re import compile as pattern

from django.db.models import BinaryField, F, Func, QuerySet, Value

from otklik.desks.models import Channel
from otklik.intake import parse_workers, sender
from otklik.intake.claimed_senders import claims_of, is_own
from otklik.intake.mail_outcome import set_outcome
from otklik.intake.sender import Level
from otklik.intake.ticket_matching import Clue
from otklik.mail.models import InboundMail
from otklik.mail.parse import ParsedMail
from otklik.mail.parse.child_process import UnableToParse
from otklik.mail.parse.reply.known_text import letters
from otklik.mail.parse.reply.quote_markers import is_banner
from otklik.mail.reasons import because
from otklik.people.actor import system
from otklik.people.models import Person
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.commands.requester import adopt_claimed_author
from otklik.tickets.models import Message, Ticket

Clued = tuple[InboundMail, ParsedMail, Clue | None]

LONGEST_FOOTER = 600
"""How many letters a list or gateway may add above or below the text."""
_MOST_COMPARED = 3
_ANOTHER_WAY = timedelta(days=1)
"""How long after a mail a copy with another Message-ID may arrive."""
_MOST_ALIKE = 30
_HEAD = 65_536
_DATE = pattern(rb"^Date:[ \t]*([^\r\n]+)", MULTILINE | IGNORECASE)
_MARK = pattern(r"[\[({<*]{1,3}[^\])}>*]{1,80}[\])}>*]{1,3}")
_TAG = pattern(r"\A(?:\s*+(?:\[[^\]\n]{1,60}\]|\{[^}\n]{1,60}\}|\*{2,5}+[^*\n]{1,60}\*{2,5}+))+\s*+|\s++")
_LONGEST_SCAN_NOTE = 300
_THREAT = pattern(r"virus|\bviren\b|malware|вирус|вредонос", IGNORECASE)
_CONFIDENTIAL = pattern(r"\bconfidential|\bvertraulich|конфиденциальн|конфіденційн", IGNORECASE)
_ADDRESSEE = pattern(r"\baddressee|\brecipient|\bempfänger|адресат|получател|одержувач", IGNORECASE)
_SEARCHED = pattern(r"\b(?:checked|scanned|virus-free|geprüft|проверен[оаы]?|перевірено|тексерілді)\b", IGNORECASE)
_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
_HELD_WORDS = {InboundMail.Fate.REQUEST, InboundMail.Fate.COMMENT, InboundMail.Fate.HELD_COMMENT, InboundMail.Fate.NOTE}
_RANKS = [Level.PROVED, Level.ALIGNED, Level.CLAIMED, Level.NONE]


def settle_copies(
    mails: Sequence[Clued], desks: Sequence[int], persons: Mapping[str, Person], at: datetime
) -> list[Clued]:
    """Return the mails that are not copies of others; set the outcome of copies, which the caller saves.

    `desks`: each mail's desk id. `persons`: the result of sender.persons_behind. Two queries, and two for each mail
    whose Message-ID, or author, subject and date, came before.
    """
    held = InboundMail.objects.filter(fate__in=_HELD_WORDS).exclude(ticket_id=None).defer("raw", "error")
    ids = {mail.message_id for mail, _, _ in mails} - {""}
    earlier = [*(held.filter(message_id__in=ids).order_by("id") if ids else ()), *_written_then(mails, held)]
    earlier = list({stored.pk: stored for stored in earlier}.values())
    return [clued for clued, desk in zip(mails, desks, strict=True) if not _settled(clued, earlier, desk, persons, at)]


def likeness(parsed: ParsedMail) -> set[Hashable]:
    """Return keys that copies of a mail share even if their Message-IDs differ; empty if the mail has no date."""
    dated = parsed.from_address and parsed.date_claim is not None
    return {(parsed.from_address, parsed.subject, parsed.date_claim)} if dated else set()


def _written_then(mails: Sequence[Clued], held: QuerySet[InboundMail]) -> list[InboundMail]:
    """Return earlier mails with the same author, subject and date."""
    dated = [mail for mail, parsed, _ in mails if likeness(parsed)]
    if not dated:
        return []
    head = Func(F("raw"), Value(1), Value(_HEAD), function="SUBSTRING", output_field=BinaryField())
    alike = held.filter(
        from_address__in={mail.from_address for mail in dated},
        subject__in={mail.subject for mail in dated},
        received_at__gt=min(mail.received_at for mail in dated) - _ANOTHER_WAY,
    )
    dates = {_date(bytes(mail.raw[:_HEAD])) for mail in dated} - {b""}
    newest = alike.annotate(head=head).order_by("-id")[: _MOST_ALIKE + len(mails)]
    return [stored for stored in newest if _date(bytes(stored.head)) in dates]


def _date(raw: bytes) -> bytes:
    match = _DATE.search(raw)
    return match[1].strip() if match else b""


def _settled(
    clued: Clued, earlier: Sequence[InboundMail], desk: int, persons: Mapping[str, Person], at: datetime
) -> bool:
    mail, parsed, clue = clued
    authors = _authors(mail, parsed) if earlier else set()
    alike = [stored for stored in earlier if _may_be(mail, stored) and _is_by(stored, mail, authors)]
    if not alike or not parsed.from_address:
        return False
    boxes = set(Channel.objects.filter(desk_id=desk).values_list("mailbox_id", flat=True))
    level = sender.identify(parsed, clue, mail, persons).level
    for stored in [stored for stored in alike if stored.mailbox_id in boxes][:_MOST_COMPARED]:
        ticket = Ticket.objects.filter(pk=stored.ticket_id or 0).first()
        if ticket is None or not _says_nothing_new(parsed, stored):
            continue
        if not _proves_more(mail, level, stored) or _adopted(parsed, level, stored, at):
            mail.level, why = level, because("copy", ticket.key)
            state, fate = InboundMail.State.FILED, InboundMail.Fate.COPY
            set_outcome(mail, state=state, fate=fate, reason=why, ticket=ticket, at=at)
            return True
    return False


def _authors(mail: InboundMail, parsed: ParsedMail) -> set[str]:
    """Return addresses of possible authors: the sender, and those a mail names, for a list may rewrite From."""
    return {mail.from_address, *(claim.address for claim in claims_of(parsed, mail))}


def _is_by(stored: InboundMail, mail: InboundMail, authors: set[str]) -> bool:
    """Return whether the earlier mail is by one of the authors, or has our own address in From and names one of them.

    Two mails with our own address in From that name different people are by different people.
    """
    if not is_own(stored.from_address):
        return stored.from_address in authors
    named = _named(stored)
    unnamed = not named or authors == {mail.from_address}
    return bool(named & authors) or (unnamed and is_own(mail.from_address))


def _named(stored: InboundMail) -> set[str]:
    """Return the addresses that the request's opening mail claims as its author."""
    claims = Message.objects.filter(inbound=stored.pk, opening=True).values_list("claims", flat=True)
    return {claim["address"] for claimed in claims for claim in claimed}


def _adopted(parsed: ParsedMail, level: Level, stored: InboundMail, at: datetime) -> bool:
    """Make the author of a mail the requester of the request that a group opened before with its copy, under our name.

    Return whether they are; not where somebody else is the requester already, or where the mail names nobody for sure.
    Words that anybody may have added to the copy must not become an authenticated author's (AB-14).
    """
    opening = Message.objects.filter(inbound=stored.pk, opening=True).select_related("ticket__requester").first()
    if level == Level.NONE or not is_own(stored.from_address) or opening is None:
        return False
    if opening.ticket.requester is not None:
        return opening.ticket.requester.email == parsed.from_address
    verified, old = sender.LEVELS[level].is_verified, _read_again(stored)
    if old is None or (verified and not _has_the_same_content(parsed, old)):
        return False
    address = parsed.from_address or ""
    with suppress(UnableToChange):
        adopt_claimed_author(actor=system(), at=at, message=opening, address=address, verified=verified)
        return True
    return False


def _may_be(mail: InboundMail, before: InboundMail) -> bool:
    same_author = mail.from_address == before.from_address
    same_id = mail.message_id == before.message_id != ""
    return mail.pk != before.pk and (same_id or (same_author and mail.subject == before.subject))


def _proves_more(mail: InboundMail, level: str, before: InboundMail) -> bool:
    """Return whether this copy authenticates the sender better than the earlier one, so that it may do more (AB-14).

    What a list with its own address in From proves says nothing of the author.
    """
    if before.fate in {InboundMail.Fate.COMMENT, InboundMail.Fate.NOTE}:
        return False
    if mail.from_address != before.from_address and not is_own(before.from_address):
        return False
    return before.level not in _RANKS or _RANKS.index(Level(level)) < _RANKS.index(Level(before.level))


def _says_nothing_new(parsed: ParsedMail, before: InboundMail) -> bool:
    old = _read_again(before)
    return old is not None and is_same(replace(parsed, from_address=old.from_address), old)


def _read_again(before: InboundMail) -> ParsedMail | None:
    if before.raw_removed_at is not None or before.full_size is not None:
        return None
    try:
        return parse_workers.read_in_lane(before)
    except UnableToParse:
        return None


def is_same(new: ParsedMail, old: ParsedMail) -> bool:
    """Return whether the mail contains nothing new compared with the older one, except headers and footers added in
    transit."""
    if (new.from_address, new.date_claim) != (old.from_address, old.date_claim):
        return False
    if new.message_id != old.message_id or not new.message_id:
        return _says_the_very_same(new, old)
    if _TAG.sub(" ", new.subject).strip() != _TAG.sub(" ", old.subject).strip():
        return False
    brought = {part.content for part in new.parts if part.content_type not in _SIGNATURES}
    if not brought <= {part.content for part in old.parts} or new.cuts or old.cuts:
        return False
    room = LONGEST_FOOTER if new.date_claim is not None else 0
    if _is_inside(_lines(new.text), _lines(old.text), room):
        return True
    if not _is_inside(_lines(old.text), _lines(new.text), room):
        return False
    above, below = _around(_lines(old.text), new.text)
    return _is_header(above) and _is_footer(below)


def _says_the_very_same(new: ParsedMail, old: ParsedMail) -> bool:
    """Return whether recipients and references are also equal; otherwise somebody wrote twice."""
    if (new.to, new.cc, new.in_reply_to, new.references) != (old.to, old.cc, old.in_reply_to, old.references):
        return False
    return new.date_claim is not None and new.subject == old.subject and _has_the_same_content(new, old)


def _has_the_same_content(new: ParsedMail, old: ParsedMail) -> bool:
    if new.text.split() != old.text.split() or new.cuts:
        return False
    return [part.content for part in new.parts] == [part.content for part in old.parts]


def _lines(text: str) -> list[str]:
    return [line_letters for line in text.split("\n") if (line_letters := letters(line))]


def _around(own_lines: list[str], text: str) -> tuple[list[str], list[str]]:
    """Return the non-blank lines of `text` above and below those that contain these words."""
    lines, wanted = [line.strip() for line in text.split("\n") if line.strip()], "".join(own_lines)
    ends = list(accumulate(len(letters(line)) for line in lines))
    start = "".join(map(letters, lines)).find(wanted)
    end = start + len(wanted)
    below = [line for line, at in zip(lines, ends, strict=True) if at > end or (at == end and not letters(line))]
    return [line for line, at in zip(lines, ends, strict=True) if at <= start], below


def _is_header(lines: list[str]) -> bool:
    """Return whether lines above the text may have been added in transit: a warning, or tags in brackets."""
    spoken = [line for line in lines if letters(line)]
    return not spoken or is_banner(spoken) or all(_MARK.fullmatch(line) for line in spoken)


def _is_footer(lines: list[str]) -> bool:
    """Return whether lines below the text may have been added in transit.

    They are set off by a line of symbols, warn of links and files, say that the mail was searched for viruses, or
    that it is for its recipient only.
    """
    if not lines or not letters(lines[0]):
        return True
    return is_banner(lines) or _is_scan_note(lines) or _is_disclaimer(lines)


def _is_disclaimer(lines: list[str]) -> bool:
    joined = " ".join(lines)
    confidential = _CONFIDENTIAL.search(joined) is not None and _ADDRESSEE.search(joined) is not None
    return confidential and "?" not in joined


def _is_scan_note(lines: list[str]) -> bool:
    joined = " ".join(lines)
    short = len(joined) <= _LONGEST_SCAN_NOTE and "?" not in joined
    return short and _SEARCHED.search(lines[0]) is not None and _THREAT.search(joined) is not None


def _is_inside(lines: list[str], more: list[str], room: int) -> bool:
    """Return whether whole lines of `more` contain `lines`, however wrapped, with at most `room` other letters."""
    shorter, longer = "".join(lines), "".join(more)
    if not len(shorter) <= len(longer) <= len(shorter) + room:
        return False
    ends = {0, *accumulate(map(len, more))}
    place = longer.find(shorter)
    return place >= 0 and place in ends and place + len(shorter) in ends
