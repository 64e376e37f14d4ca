"""Process stored mails into tickets: claim, parse, check, thread, identify, decide, apply, settle (ADR 20)."""

import logging
import time
import traceback
from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import accumulate

from django.db import transaction
from django.utils import timezone, translation

from otklik.core.batch_cache import remembered
from otklik.core.due_times import rested
from otklik.core.fault_points import faultpoint
from otklik.core.locks import lock, lock_all
from otklik.core.notify_channel import wake
from otklik.core.row_queue import RowQueue, disjoint_runs
from otklik.core.transient_errors import is_transient
from otklik.desks.models import Channel
from otklik.intake import cc, checks, claimed_senders, duplicates, sender, sender_rules, ticket_matching
from otklik.intake.apply import Case, do_all, do_finding, give_up
from otklik.intake.decide import Act, decide
from otklik.intake.leaked_links import void_links
from otklik.intake.mail_outcome import copy_headers, save_outcomes
from otklik.intake.parse_workers import LANES, SLOW_TOPIC, has_another_lane, met_hard_mail, seconds_now
from otklik.intake.parse_workers import read_in_lane as read
from otklik.intake.sender_rules import Rules
from otklik.intake.ticket_matching import Clue, Placed
from otklik.mail.dkim_check import may_be_processed
from otklik.mail.inbox import TOPIC
from otklik.mail.models import InboundMail
from otklik.mail.parse import ParsedMail
from otklik.mail.parse.child_process import UnableToParse
from otklik.mail.secret_scan import hiding
from otklik.mail.secret_scan_mail import secrets_found_soon, secrets_of
from otklik.people.models import Person

__all__ = ["SLOW_LANES", "SLOW_TOPIC", "TOPIC", "process_next"]

log = logging.getLogger("otklik.intake")

TRIES = 3
_REST = (timedelta(seconds=5), timedelta(seconds=30))
_MOST_MAILS, _MOST_BYTES = 40, 8 * 1024 * 1024
# A slow mail must not delay those of the batch that were parsed before it.
_READING_SECONDS = 2.0

Read = tuple[InboundMail, ParsedMail]
Clued = tuple[InboundMail, ParsedMail, Clue | None]


def process_next(lane: int = 0) -> bool:
    """Process some waiting mails of a lane, the oldest first; return whether there were any.

    One transaction: after a crash the mails wait unchanged, and repeating is harmless. A mail that takes too long to
    parse moves to the next lane. One that fails three times, or is unreadable, becomes a ticket with the original.
    """
    worked = _MAILS[lane].next()
    if worked:
        faultpoint("after_apply")
    return worked


def _claim(lane: int, at: datetime, only: int | None, but: Collection[int]) -> list[InboundMail]:
    """Lock the oldest waiting mails that together fit well into memory, with their content; in slow lanes one at a
    time."""
    due = InboundMail.objects.filter(
        rested(at, _REST), may_be_processed(at), state=InboundMail.State.WAITING, slow=lane
    )
    due = due.filter(pk=only) if only else due.exclude(pk__in=but)
    rows = lock_all(
        due.defer("raw", "error").prefetch_related("mailbox").order_by("id")[: 1 if lane else _MOST_MAILS],
        skip_locked=True,
    )
    fit = sum(total <= _MOST_BYTES for total in accumulate(mail.size for mail in rows))
    rows = rows[: max(1, fit)]
    raws = dict(InboundMail.objects.filter(pk__in=[mail.pk for mail in rows]).values_list("pk", "raw")) if rows else {}
    for mail in rows:
        mail.raw = raws[mail.pk]
    return rows


def _work(mails: list[InboundMail], at: datetime) -> None:
    faultpoint("after_claim")
    understood, unreadable, secrets = _read_all(mails)
    # Before any content is stored. Mails that move to the next lane are searched there.
    with hiding(void_links([mail for mail, _ in understood], at, secrets)):
        for run in disjoint_runs(understood, _apart):
            _process(run, at)
    for mail, error in unreadable:
        if has_another_lane(mail, error):
            _set_aside(mail)
        else:
            log.warning("mail %s cannot be read: %s", mail.pk, error)
            void_links([mail], at)
            _failed(mail.pk, error)
    faultpoint("mid_apply")


def _read_all(
    mails: Sequence[InboundMail],
) -> tuple[list[Read], list[tuple[InboundMail, UnableToParse]], dict[int, set[str]]]:
    """Parse the mails; return those parsed, those that failed, and secrets found in the parsed ones.

    Mails behind a slow one are left for the next batch.
    """
    understood: list[Read] = []
    unreadable: list[tuple[InboundMail, UnableToParse]] = []
    secrets = dict[int, set[str]]()
    end = time.monotonic() + _READING_SECONDS
    for mail in mails:
        try:
            parsed = read(mail)
            secrets[mail.pk] = _looked_through(mail)
            understood.append((mail, parsed))
        except UnableToParse as error:
            unreadable.append((mail, error))
        if time.monotonic() > end:
            break
    return understood, unreadable, secrets


def _looked_through(mail: InboundMail) -> set[str]:
    """Return what may be secret links in the mail. Raises UnableToParse in the first lane if that takes too long."""
    raw = bytes(mail.raw)
    secrets = secrets_of(raw) if mail.slow else secrets_found_soon(raw, seconds_now())
    if secrets is None:
        met_hard_mail()
        raise UnableToParse("it takes long to look through for links of ours", too_long=True)
    return secrets


def _set_aside(mail: InboundMail) -> None:
    """Move the mail to the next lane."""
    log.warning("mail %s takes long to read: it waits in the slow lane", mail.pk)
    mail.slow += 1
    mail.save(update_fields=["slow"])
    wake(SLOW_TOPIC)


def _process(run: list[Read], at: datetime) -> None:
    """Process mails none of which depends on another."""
    rules, placed = sender_rules.rules_about(run), ticket_matching.placed_mails(parsed for _, parsed in run)
    persons = sender.persons_behind(parsed for _, parsed in run)
    clued = [clue for mail, parsed in run if (clue := _clued(mail, parsed, rules, placed, at)) is not None]
    desks = [_channel(mail.mailbox_id).desk_id for mail, _, _ in clued]
    clued = duplicates.settle_copies(clued, desks, persons, at)
    for few in disjoint_runs(clued, lambda clued_mail: {clued_mail[2].ticket.pk} if clued_mail[2] else ()):
        _do(_cases(few, persons, at), at)
    save_outcomes([mail for mail, _ in run])


def _apart(mail: tuple[InboundMail, ParsedMail]) -> set[Hashable]:
    """Return keys by which a mail may depend on another of the batch: it quotes that one, or may be a copy of it."""
    parsed = mail[1]
    return {*ticket_matching.quoted_ids(parsed), *({parsed.message_id} - {""}), *duplicates.likeness(parsed)}


def _do(cases: Sequence[Case], at: datetime) -> None:
    """Apply the decisions, in the language of each mail's desk."""
    for language in {case.channel.desk.language: None for case in cases}:
        with translation.override(language):
            of_language = [case for case in cases if case.channel.desk.language == language]
            do_all(of_language, at)
            for case in [case for case in of_language if case.decision.act is not Act.NOTE]:
                claimed_senders.settle_claims(case.mail, case.parsed)
                cc.add_addressees(case.mail, case.parsed, case.sender, case.decision, at)


def _clued(mail: InboundMail, parsed: ParsedMail, rules: Rules, placed: Placed, at: datetime) -> Clued | None:
    """Return the mail with its clue to a ticket; None if a check sorted it out."""
    desk = _channel(mail.mailbox_id).desk
    with translation.override(desk.language):
        copy_headers(mail, parsed)
        finding = checks.first_finding(parsed, mail, rules)
        if finding is not None:
            do_finding(mail, parsed, desk, finding, at)
            return None
        mail.silent = checks.silence(parsed, mail, rules)[:200]
        return mail, parsed, ticket_matching.find(parsed, mail, desk, placed)


def _cases(clued: list[Clued], persons: Mapping[str, Person], at: datetime) -> list[Case]:
    writers = [sender.identify(parsed, clue, mail, persons) for mail, parsed, clue in clued]
    on_it = sender.who_is_on_it(
        (clued_mail[2].ticket, who) for clued_mail, who in zip(clued, writers, strict=True) if clued_mail[2]
    )
    cases = []
    for (mail, parsed, clue), writer in zip(clued, writers, strict=True):
        channel = _channel(mail.mailbox_id)
        with translation.override(channel.desk.language):
            decision = decide(clue, writer, at, on_it)
        mail.rule, mail.level = clue.rule if clue else "", writer.level
        cases.append(Case(mail, parsed, writer, decision, channel, clue.forward if clue else None))
    return cases


@remembered
def _channel(mailbox_id: int) -> Channel:
    return Channel.objects.select_related("desk", "request_type").get(mailbox_id=mailbox_id)


def _failed(pk: int, error: Exception) -> None:
    """Record a failed attempt; after the last one, turn the mail into a ticket.

    Transient errors (a full disk) do not count, and the mail waits until they are over. If the database is unavailable
    this raises, and the mail is unchanged.
    """
    now = timezone.now()
    with transaction.atomic():
        mail = lock(InboundMail, pk)
        if mail.state != InboundMail.State.WAITING:
            return
        mail.attempts += 0 if is_transient(error) else 1
        mail.error = "".join(traceback.format_exception(error))[-8000:].replace("\0", "")
        mail.retry_at = now + _REST[min(max(mail.attempts, 1), len(_REST)) - 1]
        mail.save(update_fields=["attempts", "error", "retry_at"])
    if mail.attempts >= TRIES or (isinstance(error, UnableToParse) and not error.died):
        give_up(pk, error, now)


_MAILS = [RowQueue("mails", partial(_claim, lane), _work, _failed) for lane in range(len(LANES))]
SLOW_LANES = [partial(process_next, lane) for lane in range(1, len(LANES))]
"""The steps of the slow lanes, in which one mail is read after another."""
