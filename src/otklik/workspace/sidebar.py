"""The agents' sidebar: desks, queues and how much is in them."""

import zlib
from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.desks.desk_snapshot import QueueLine
from otklik.desks.models import Desk
from otklik.workspace.desk_context import Standing
from otklik.workspace.queue_counts import COUNTED, MAILS_COUNTED
from otklik.workspace.queue_reads import QueueRead


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A queue in the sidebar.

    `icon`: "" if none was chosen; `broken`: its text cannot be read; `slow`: counting takes too long.
    """

    id: int
    name: str
    icon: str
    url: str
    count: str
    active: bool
    broken: bool
    slow: bool


@dataclass(slots=True)
class DeskEntry:
    """A desk and its queues; without a key, another section of queues."""

    key: str
    name: str
    url: str
    queues: list[QueueEntry]
    mail_url: str = ""
    mail_count: str = ""
    mail_active: bool = False
    settings_url: str = ""
    settings_active: bool = False
    # The page that sorts its queues, for sections of the person's own.
    order_url: str = ""
    # Number of unassigned tickets.
    unassigned: int = 0


def sidebar(stands: Standing, path: str) -> list[DeskEntry]:
    """Return the sections: starred queues, the person's desks, shared queues of no desk, own queues.

    `path`: the current page. A starred queue is listed only among the starred.
    """
    chosen = starred_queues(stands)
    starred = {queue.id for queue in chosen}
    mine = [queue for queue in stands.beside if queue.mine and queue.id not in starred]
    everybodys = [queue for queue in stands.beside if not queue.mine and queue.id not in starred]
    own_url = reverse("workspace:own_queues")
    above = _section(_("Starred"), [_line(stands, queue, path, with_desk=True) for queue in chosen], own_url)
    below = _section(_("All desks"), [_line(stands, queue, path) for queue in everybodys])
    own = _section(_("Mine"), [_line(stands, queue, path) for queue in mine], own_url)
    return [*above, *(_entry(stands, desk, path, starred) for desk in stands.desks), *below, *own]


def starred_queues(stands: Standing) -> list[QueueLine]:
    """Return the person's starred queues in their order, without those hidden or no longer visible to them."""
    visible = {queue.id: queue for queue in stands.queues if not queue.hidden}
    return [visible[pk] for pk in stands.counts.starred if pk in visible]


def label_of(stands: Standing, queue: QueueLine) -> str:
    """Return the queue's name, with its desk's key in front for people with several desks."""
    several = queue.desk and len(stands.desks) > 1
    return f"{stands.parts[queue.desk].key} · {queue.label}" if several else queue.label


def _section(name: str, queues: list[QueueEntry], order_url: str = "") -> list[DeskEntry]:
    return [DeskEntry(key="", name=name, url="", queues=queues, order_url=order_url)] if queues else []


def unassigned_total(desks: list[DeskEntry]) -> str:
    """Return the number of unassigned tickets of all desks for the page title; "" for none."""
    count = sum(desk.unassigned for desk in desks)
    return _capped(count, COUNTED) if count else ""


def clock_digest(stands: Standing) -> str:
    """Return a digest of the counts that change with time alone; "" if there are no such queues."""
    timed = [read.id for read in stands.reads.values() if isinstance(read, QueueRead) and read.follows_clock]
    if not timed:
        return ""
    return f"{zlib.crc32(repr([(pk, stands.counts.queues.get(pk)) for pk in timed]).encode()):x}"


def _entry(stands: Standing, desk: Desk, path: str, starred: Collection[int]) -> DeskEntry:
    """Return the desk's section with queues, mail ledger and, for leads, settings."""
    mail, mails = f"/projects/{desk.key}/mail", stands.counts.mails.get(desk.pk, 0)
    queues = [
        _line(stands, queue, path)
        for queue in stands.parts[desk.pk].queues
        if not queue.hidden and queue.id not in starred
    ]
    settings = f"/projects/{desk.key}/settings" if desk.pk in stands.led else ""
    return DeskEntry(
        key=desk.key,
        unassigned=_unassigned(stands, desk),
        name=desk.name,
        url=f"/projects/{desk.key}/queues",
        queues=queues,
        # The link shows exactly the mails that the number counts.
        mail_url=f"{mail}?person=on" if mails else mail,
        mail_count=_capped(mails, MAILS_COUNTED) if mails else "",
        mail_active=path == mail or path.startswith(f"{mail}/"),
        settings_url=settings,
        settings_active=bool(settings) and (path == settings or path.startswith(f"{settings}/")),
    )


def _line(stands: Standing, queue: QueueLine, path: str, *, with_desk: bool = False) -> QueueEntry:
    url = stands.queue_url(queue)
    broken, number = queue.id in stands.counts.broken, stands.counts.queues.get(queue.id)
    return QueueEntry(
        id=queue.id,
        name=label_of(stands, queue) if with_desk else queue.label,
        icon=queue.icon,
        url=url,
        count="" if number is None else _capped(number, COUNTED),
        active=path == url,
        broken=broken,
        slow=number is None and not broken,
    )


def _unassigned(stands: Standing, desk: Desk) -> int:
    """Return the count of the desk's queue of unassigned tickets; 0 if it has no such queue."""
    reads = (stands.reads[queue.id] for queue in stands.parts[desk.pk].queues)
    ids = (read.id for read in reads if isinstance(read, QueueRead) and read.is_of_nobodys)
    return max((stands.counts.queues.get(pk, 0) for pk in ids), default=0)


def _capped(count: int, most: int) -> str:
    return str(count) if count <= most else f"{most}+"
