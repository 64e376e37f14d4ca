"""The daily digest: one outbox row for all waiting notices, which are cleared in the same transaction."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from otklik.core.due_times import ahead, rested
from otklik.core.locks import lock_all, lock_first
from otklik.core.retry_queue import SingleRowQueue
from otklik.core.retry_schedule import WAITS, again_at
from otklik.desks.texts import name_of
from otklik.journal.models import Event
from otklik.notify import account_texts
from otklik.notify.account_mails import worded_mail
from otklik.notify.event_context import contexts
from otklik.notify.models import DigestEntry
from otklik.notify.rendering import in_language, language_of
from otklik.notify.rules import RULES
from otklik.people.models import Person
from otklik.tickets.impersonation import author_shown
from otklik.ui.markup import words_text

KIND = "digest"
MOST = 100
_LONGEST = 240
# Plus an hour for daylight saving time.
_DAY = timedelta(hours=25)


def digest_next() -> bool:
    """Send one person's daily mail if due; return whether there was one.

    One transaction, so a crash neither loses nor duplicates a mail. Failures are retried with growing waits and finally
    given up, without blocking other people's mails.
    """
    return _DIGESTS.next()


def _claim(now: datetime, but: Collection[int]) -> DigestEntry | None:
    """Lock the first entry of a person whose mail is due, skipping people with an entry in `but`."""
    rows = _due(now)
    if but:
        rows = rows.exclude(person__in=list(DigestEntry.objects.filter(pk__in=but).values_list("person", flat=True)))
    return lock_first(rows.order_by("due_at", "id"), skip_locked=True)


def _write(first: DigestEntry, now: datetime) -> None:
    """Send all due entries of this person in one mail."""
    entries = lock_all(_due(now).filter(person=first.person_id).order_by("event_id"), skip_locked=True)
    _send(first.person, entries, now)
    DigestEntry.objects.filter(pk__in=[entry.pk for entry in entries]).delete()


def _failed(first: DigestEntry, now: datetime) -> None:
    again = again_at(first.attempts + 1, now)
    _due(now).filter(person=first.person_id).update(
        attempts=first.attempts + 1, due_at=again or now, failed_at=None if again else now
    )


def _due(now: datetime) -> QuerySet[DigestEntry]:
    return DigestEntry.objects.filter(_has_come(now), failed_at=None)


def _has_come(now: datetime) -> Q:
    """Due entries, and those with a time so far ahead that the clock was set back."""
    set_back = ahead("due_at", now + _DAY) | Q(rested(now, WAITS, "due_at"), attempts__gt=0)
    return Q(due_at__lte=now) | set_back


def _send(person: Person, entries: list[DigestEntry], at: datetime) -> None:
    with in_language(language_of(person, None)):
        lines = [line for entry in entries[:MOST] if (line := _line(person, entry))]
    if not lines or not person.email:
        return
    unnamed = len(entries[MOST:])
    link = f"{settings.PUBLIC_URL}/servicedesk/customer/user/requests"
    worded_mail(
        person=person,
        recipient=person.email,
        kind=KIND,
        words=lambda: account_texts.digest(lines, unnamed, link),
        at=at,
        sensitive=False,
    )


def _line(person: Person, entry: DigestEntry) -> str:
    """Return one line of the mail; "" if the person may no longer be notified of it, or if it was withdrawn."""
    context_of_event = contexts(list(Event.objects.filter(pk=entry.event_id)))
    if not context_of_event:
        return ""
    context, ticket = context_of_event[0], context_of_event[0].ticket
    event = context.event
    rules = [rule for rule in RULES if isinstance(event.typed, rule.event) and rule.template == entry.template]
    if not any(recipient.person.pk == person.pk for rule in rules for recipient in rule.audience(context)):
        return ""
    if entry.template == "comment" and context.message is not None:
        author = author_shown(ticket, context.message)
        excerpt = " ".join(words_text(context.message.text, context.message.markup).split())
        excerpt = excerpt if len(excerpt) <= _LONGEST else f"{excerpt[:_LONGEST]}…"
        return account_texts.digest_comment(ticket.key, ticket.subject, author, excerpt)
    return account_texts.digest_status(ticket.key, ticket.subject, name_of(ticket.status))


_DIGESTS = SingleRowQueue("daily mails", _claim, _write, _failed)
