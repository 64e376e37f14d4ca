"""What a desk is made of, on one page to read: people, mailboxes, queues, statuses. Commands change it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.desks.models import Channel, Desk, Membership, Queue, Transition
from otklik.desks.texts import name_of
from otklik.mail.models import ImapAccount


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the desk."""

    name: str
    address: str
    role: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Box:
    """An address of the desk and its IMAP account.

    `error`: of the last attempt; `ok_at`: of the last successful one.
    """

    address: str
    is_main: bool
    source: str
    paused: bool
    ok_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Step:
    """A status and the names of the transitions that leave it."""

    name: str
    category: str
    moves: list[str]


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """`queues`: (name, URL) of each."""

    key: str
    members: list[Member]
    boxes: list[Box]
    queues: list[tuple[str, str]]
    statuses: list[Step]


_ROLES: dict[str, Callable[[], str]] = {
    Membership.Role.AGENT: lambda: _("Agent"),
    Membership.Role.LEAD: lambda: _("Lead"),
    Membership.Role.ADMIN: lambda: _("Administrator"),
}


def overview_page(desk: Desk) -> OverviewPage:
    """Return the page in six queries, whatever the desk's size."""
    members = desk.memberships.select_related("person").order_by("person__name", "id")
    return OverviewPage(
        key=desk.key,
        members=[
            Member(
                membership.person.display_name,
                membership.person.email or "",
                _ROLES[membership.role](),
                membership.person.is_active,
            )
            for membership in members
        ],
        boxes=_boxes(desk),
        queues=[_queue(desk, queue) for queue in desk.queues.order_by("position")],
        statuses=steps_of(desk),
    )


def _queue(desk: Desk, queue: Queue) -> tuple[str, str]:
    return name_of(queue), reverse("workspace:queue", args=[desk.key, queue.pk])


def _boxes(desk: Desk) -> list[Box]:
    fetched: dict[int, list[ImapAccount]] = {}
    for account in ImapAccount.objects.filter(mailbox__channel__desk=desk).order_by("id"):
        fetched.setdefault(account.mailbox_id, []).append(account)
    channels = Channel.objects.filter(desk=desk).select_related("mailbox").order_by("-main", "id")
    return [box for channel in channels for box in _of(channel, fetched.get(channel.mailbox_id, []))]


def _of(channel: Channel, accounts: list[ImapAccount]) -> list[Box]:
    if not accounts:
        return [Box(channel.mailbox.address, channel.main, "", False, None, "")]
    return [
        Box(
            channel.mailbox.address,
            channel.main,
            str(account),
            account.paused,
            account.last_ok_at,
            account.last_error if account.failures else "",
        )
        for account in accounts
    ]


def steps_of(desk: Desk) -> list[Step]:
    """Return the statuses in order, each with the transitions that leave it. Two queries."""
    moves = list(Transition.objects.filter(desk=desk).select_related("target").order_by("position"))
    return [
        Step(
            name_of(status),
            status.category,
            [
                name_of(transition)
                for transition in moves
                if transition.source_id in (None, status.pk) and transition.target_id != status.pk
            ],
        )
        for status in desk.statuses.order_by("position")
    ]
