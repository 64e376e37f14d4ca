"""The agents' sidebar: desks, queues and how much is in them."""

from dataclasses import dataclass

from otklik.desks.desk_snapshot import QueueLine
from otklik.desks.models import Desk
from otklik.workspace.counts import COUNTED, MAILS_COUNTED
from otklik.workspace.desk_context import Standing
from otklik.workspace.queue_reads import QueueRead


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One line of the sidebar. `broken`: its text cannot be read any more; `slow`: it takes too long to count."""

    id: int
    name: str
    url: str
    count: str
    active: bool
    broken: bool
    slow: bool


@dataclass(slots=True)
class DeskEntry:
    """A desk and its queues."""

    key: str
    name: str
    url: str
    queues: list[QueueEntry]
    mail_url: str = ""
    mail_count: str = ""
    mail_active: bool = False
    settings_url: str = ""
    settings_active: bool = False
    # How many requests nobody has.
    unassigned: int = 0


def sidebar(stands: Standing, path: str) -> list[DeskEntry]:
    """The desks a person works at, each queue with its count; `path` is the page shown now."""
    return [_entry(stands, desk, path) for desk in stands.desks]


def unassigned_total(desks: list[DeskEntry]) -> str:
    """How many requests nobody has, of all these desks: the number in the title of the page; "" for none."""
    count = sum(desk.unassigned for desk in desks)
    return _capped(count, COUNTED) if count else ""


def _entry(stands: Standing, desk: Desk, path: str) -> DeskEntry:
    """The desk with its queues, its ledger (how many mails wait there for a person) and, for leads, its settings."""
    mail, mails = f"/projects/{desk.key}/mail", stands.counts.mails.get(desk.pk, 0)
    queues = [
        _line(stands, queue, f"/projects/{desk.key}/queues/custom/{queue.id}", path)
        for queue in stands.parts[desk.pk].queues
        if not queue.hidden
    ]
    settings = f"/projects/{desk.key}/settings" if desk.pk in stands.led else ""
    return DeskEntry(
        key=desk.key,
        unassigned=_unassigned(stands, desk),
        name=desk.name,
        url=f"/projects/{desk.key}/queues",
        queues=queues,
        # The number counts what waits for a person, so its click shows just that.
        mail_url=f"{mail}?person=on" if mails else mail,
        mail_count=_capped(mails, MAILS_COUNTED) if mails else "",
        mail_active=path == mail or path.startswith(f"{mail}/"),
        settings_url=settings,
        settings_active=bool(settings) and (path == settings or path.startswith(f"{settings}/")),
    )


def _line(stands: Standing, queue: QueueLine, url: str, path: str) -> QueueEntry:
    broken, number = queue.id in stands.counts.broken, stands.counts.queues.get(queue.id)
    return QueueEntry(
        id=queue.id,
        name=queue.label,
        url=url,
        count="" if number is None else _capped(number, COUNTED),
        active=path == url,
        broken=broken,
        slow=number is None and not broken,
    )


def _unassigned(stands: Standing, desk: Desk) -> int:
    """As the desk's own queue of such requests counts them; 0 where it has none."""
    reads = (stands.reads[queue.id] for queue in stands.parts[desk.pk].queues)
    ids = (read.id for read in reads if isinstance(read, QueueRead) and read.is_of_nobodys)
    return max((stands.counts.queues.get(pk, 0) for pk in ids), default=0)


def _capped(count: int, most: int) -> str:
    return str(count) if count <= most else f"{most}+"
