"""Queries about desks: mail addresses, statuses and transitions, hold time, retention periods."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from otklik.core.batch_cache import remembered
from otklik.core.configuration_cache import kept
from otklik.core.fast_reads import fast_read
from otklik.desks.models import Channel, CustomField, Desk, Field, Priority, RequestType, Resolution, Status, Transition
from otklik.mail.retention import Periods, of_the_site


@remembered
def main_address(desk: Desk) -> str:
    """Return the desk's main mail address; "" for a desk without mail."""
    addresses = _main_addresses(desk=desk.pk)
    return addresses[0] if addresses else ""


@fast_read("desk")
def _main_addresses(*, desk: int) -> QuerySet[Channel, str]:
    return Channel.objects.filter(desk=desk, main=True).order_by("pk").values_list("mailbox__address", flat=True)[:1]


def hold_time(desk: Desk) -> timedelta:
    """How long an agent's reply is held back so that it can be undone: the desk's setting or the site's."""
    return timedelta(seconds=settings.HOLD_SECONDS if desk.hold_seconds is None else desk.hold_seconds)


def periods_of_desks() -> list[Periods]:
    """Retention periods of the desks that set at least one of their own; the site's fill the gaps. Two queries."""
    sets_its_own = ~Q(keep_machine_mail=None) | ~Q(keep_originals=None) | ~Q(keep_sent=None)
    site = of_the_site()
    return [
        Periods(
            site.machine_mail if desk.keep_machine_mail is None else desk.keep_machine_mail,
            site.originals if desk.keep_originals is None else desk.keep_originals,
            site.sent if desk.keep_sent is None else desk.keep_sent,
            mailboxes=frozenset(channel.mailbox_id for channel in desk.channels.all()),
            desk=desk.pk,
        )
        for desk in Desk.objects.filter(sets_its_own).prefetch_related("channels")
    ]


@remembered
def own_addresses() -> set[str]:
    """Addresses of all desks. Mail from one of them was sent by Otklik itself (AB-91)."""
    return set(Channel.objects.values_list("mailbox__address", flat=True))


@remembered
def first_status(desk: Desk) -> Status:
    """The status a new ticket gets: the first of category "new"."""
    return Status.objects.filter(desk=desk, category=Status.Category.NEW).order_by("position")[0]


@remembered
def default_priority(desk: Desk) -> Priority:
    """Return the priority of tickets for which none was chosen."""
    return Priority.objects.filter(desk=desk).order_by("-is_default", "level")[0]


@remembered
def default_resolution() -> Resolution | None:
    """The resolution of a ticket that is closed without choosing one: the first in order. None if there are none."""
    return Resolution.objects.filter(archived=False).order_by("position", "id").first()


@remembered
def transitions_from(status: Status) -> list[Transition]:
    """The transitions from this status, in order, including those from any status; target and resolution are loaded."""
    rows = _transitions_of(status.desk_id)
    return [
        transition
        for transition in rows
        if transition.source_id in (None, status.pk) and transition.target_id != status.pk
    ]


@kept
def _transitions_of(desk: int) -> list[Transition]:
    return _transitions(desk=desk)


@fast_read("desk")
def _transitions(*, desk: int) -> QuerySet[Transition]:
    return Transition.objects.filter(desk=desk).select_related("target", "resolution").order_by("position")


def asked_fields(desk: Desk) -> list[Field]:
    """Return the desk's custom fields in use, hidden presets included, each key once. One query."""
    rows = Field.objects.filter(request_type__desk=desk, request_type__archived=False, archived=False)
    rows = rows.select_related("request_type").order_by("request_type__position", "position", "id")
    return list({field.key: field for field in reversed(rows) if not field.built_in}.values())[::-1]


def known_fields(kind: RequestType) -> list[CustomField]:
    """The desk's custom fields that are not on the form of this type, by name. One query."""
    asked = Field.objects.filter(request_type=kind, archived=False, custom__isnull=False)
    return list(
        CustomField.objects.filter(desk=kind.desk_id).exclude(pk__in=asked.values("custom")).order_by("name", "id")
    )


def form_rows(kind: RequestType) -> list[Field]:
    """All fields of a request type's form, in order, archived ones included. One query."""
    return list(kind.form_fields.order_by("position", "id"))
