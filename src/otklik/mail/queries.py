"""Queries and counts over the mail ledger and the outbox."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, Count, F, Func, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import Greatest, Lower

from otklik.mail.domains import organisational_domain
from otklik.mail.models import ImapAccount, InboundMail, Mailbox, OutboundMail
from otklik.mail.smtp_refusals import is_about_us

Delay = OutboundMail.Delay
STALE = timedelta(minutes=15)
"""Mails that wait longer raise an alarm."""
_LOOKED_AT = 200
_DOMAIN = Func(F("recipient"), Value(r"^.*@"), Value(""), function="regexp_replace", output_field=CharField())


@dataclass(frozen=True, slots=True)
class MailNumbers:
    """Invariant: offered == filed + held + failed + waiting, because each mail has one row and one state."""

    offered: int
    copies: int
    filed: int
    held: int
    failed: int
    waiting: int
    slow: int
    oldest_waiting: datetime | None
    oldest_slow: datetime | None
    queued: int
    sent: int
    kept: int
    undeliverable: int
    oldest_unsent: datetime | None
    mailboxes: int
    mailboxes_failing: int
    originals_removed: int
    sent_words_removed: int
    restored: int


def mail_numbers(mailboxes: Iterable[Mailbox] | None = None) -> MailNumbers:
    """Return the numbers of mails, consistent at one moment; plus three queries for the oldest ones.

    `mailboxes`: restricts them; outgoing mail belongs to the mailbox of its sender address. Undeliverable: permanently
    refused, or stopped because the address is suppressed.
    """
    boxes = None if mailboxes is None else list(mailboxes)
    came, went = _came(boxes), _went(boxes)
    rows = {
        counts["state"]: counts
        for counts in came.values("state")
        .annotate(
            n=Count("id"), all=Sum("copies"), gone=Count("raw_removed_at"), slow=Count("id", filter=Q(slow__gt=0))
        )
        .order_by()
    }
    states = {state: counts["n"] for state, counts in rows.items()}
    total = sum(counts["all"] for counts in rows.values())
    sent_rows = went.values("state").annotate(n=Count("id"), gone=Count("words_removed_at")).order_by()
    wordless = sum(counts["gone"] for counts in sent_rows)
    sent = {counts["state"]: counts["n"] for counts in sent_rows}
    return MailNumbers(
        offered=sum(states.values()),
        copies=total - sum(states.values()),
        filed=states.get(InboundMail.State.FILED, 0),
        held=states.get(InboundMail.State.HELD, 0),
        failed=states.get(InboundMail.State.FAILED, 0),
        waiting=states.get(InboundMail.State.WAITING, 0),
        slow=rows[InboundMail.State.WAITING]["slow"] if InboundMail.State.WAITING in rows else 0,
        oldest_waiting=oldest_waiting(boxes),
        oldest_slow=oldest_slow(boxes),
        queued=sent.get(OutboundMail.State.QUEUED, 0),
        sent=sent.get(OutboundMail.State.SENT, 0),
        kept=sent.get(OutboundMail.State.KEPT, 0),
        undeliverable=sum(sent.get(state, 0) for state in (OutboundMail.State.FAILED, OutboundMail.State.STOPPED)),
        oldest_unsent=oldest_unsent(boxes),
        mailboxes=_fetched(boxes).count(),
        mailboxes_failing=_fetched(boxes).filter(failures__gt=0).count(),
        originals_removed=sum(counts["gone"] for counts in rows.values()),
        sent_words_removed=wordless,
        restored=sent.get(OutboundMail.State.RESTORED, 0),
    )


def unreachable_mailboxes(since: datetime) -> list[ImapAccount]:
    """Return the accounts whose folder was not scanned completely after `since`, for any reason."""
    looked_at = Greatest("last_ok_at", "changed_at")
    late = ImapAccount.objects.filter(paused=False).annotate(looked_at=looked_at).filter(looked_at__lt=since)
    return list(late.order_by("pk"))


def oldest_waiting(mailboxes: list[Mailbox] | None = None) -> datetime | None:
    """Return when the oldest unprocessed mail arrived, not counting the slow lanes."""
    return _oldest(_came(mailboxes).filter(slow=0))


def oldest_slow(mailboxes: list[Mailbox] | None = None) -> datetime | None:
    """Return when the oldest mail in the slow lanes arrived."""
    return _oldest(_came(mailboxes).filter(slow__gt=0))


def _oldest(mails: QuerySet[InboundMail]) -> datetime | None:
    waiting = mails.filter(state=InboundMail.State.WAITING)
    at: datetime | None = waiting.aggregate(at=Min("received_at"))["at"]
    return at


def oldest_unsent(mailboxes: list[Mailbox] | None = None) -> datetime | None:
    """Return when the oldest queued mail was written."""
    queued = _went(mailboxes).filter(state=OutboundMail.State.QUEUED)
    at: datetime | None = queued.aggregate(at=Min("created_at"))["at"]
    return at


@dataclass(frozen=True, slots=True)
class OwnTrouble:
    """Mails waiting because servers refuse us, not their recipients. `some`: those while others are accepted."""

    mails: int
    some: int
    since: datetime | None
    words: str


def own_trouble(mailboxes: Iterable[Mailbox] | None = None) -> OwnTrouble:
    """Return how many mails wait because our mail server, or those beyond it, refuse us."""
    waiting = _went(None if mailboxes is None else list(mailboxes)).filter(
        state=OutboundMail.State.QUEUED, delayed_by__in=[Delay.RELAY, Delay.POLICY, Delay.SOME]
    )
    counts = waiting.aggregate(
        mails=Count("id", filter=~Q(delayed_by=Delay.SOME)),
        some=Count("id", filter=Q(delayed_by=Delay.SOME)),
        since=Min("delayed_since"),
    )
    answer = waiting.exclude(answer="").order_by("-last_attempt_at", "-id").values_list("answer", flat=True).first()
    return OwnTrouble(**counts, words=answer or "")


def is_refused() -> bool:
    """Return whether our mail server refuses us. Cheap.

    It said so, or mail to two organizations is refused because of us and nothing shows that others are accepted. A
    single receiver's refusal says nothing about others.
    """
    waiting = OutboundMail.objects.filter(state=OutboundMail.State.QUEUED)
    if waiting.filter(delayed_by=Delay.RELAY).exists():
        return True
    refused = waiting.filter(delayed_by=Delay.POLICY).order_by()
    domains = refused.annotate(domain=Lower(_DOMAIN)).values_list("domain", flat=True).distinct()
    if len({organisational_domain(domain) for domain in domains[:_LOOKED_AT]}) > 1:
        return True
    return any(map(is_about_us, refused.values_list("answer", flat=True).distinct()[:_LOOKED_AT]))


def is_unsent_since(limit: datetime) -> bool:
    """Return whether a mail has waited since before `limit` for another reason than its recipient's server.

    A mail that a person queued again has waited since then.
    """
    waiting = OutboundMail.objects.filter(state=OutboundMail.State.QUEUED, created_at__lt=limit)
    waiting = waiting.filter(Q(again_at=None) | Q(again_at__lt=limit))
    theirs = {Delay.RECIPIENT, Delay.SOME}
    if not waiting.exclude(delayed_by__in=[*theirs, Delay.POLICY]).exists():
        return waiting.filter(delayed_by=Delay.POLICY).exists() and is_refused()
    return True


def for_a_person() -> Q:
    """A condition for mails that somebody should look at: held and failed ones, except from blocked senders."""
    return Q(state__in=[InboundMail.State.HELD, InboundMail.State.FAILED]) & ~Q(fate=InboundMail.Fate.BLOCKED)


def _came(mailboxes: list[Mailbox] | None) -> QuerySet[InboundMail]:
    rows = InboundMail.objects.all()
    return rows if mailboxes is None else rows.filter(mailbox__in=mailboxes)


def _went(mailboxes: list[Mailbox] | None) -> QuerySet[OutboundMail]:
    rows = OutboundMail.objects.all()
    return rows if mailboxes is None else rows.filter(sender__in=[box.address for box in mailboxes])


def _fetched(mailboxes: list[Mailbox] | None) -> QuerySet[ImapAccount]:
    rows = ImapAccount.objects.filter(paused=False)
    return rows if mailboxes is None else rows.filter(mailbox__in=mailboxes)
