"""Page data for bulk acts: preview, progress, results."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.batch_cache import remembering
from otklik.desks.models import RequestType
from otklik.desks.texts import name_of
from otklik.notify.forecast import Forecast, forecast, held_tell
from otklik.people.actor import Actor
from otklik.tickets.bulk.acts import Act
from otklik.tickets.bulk.consequences import Consequences, consequences
from otklik.tickets.bulk.move import Move
from otklik.tickets.bulk.reply_and_share import Reply
from otklik.tickets.commands.bulk import may_be_undone
from otklik.tickets.models import BulkItem, BulkRun, Ticket
from otklik.tickets.stored_refusals import translated
from otklik.workspace.forms.bulk import ACT_ICONS, ACT_NAMES

# Ticket keys listed per reason.
KEYS_NAMED = 12
State, Item = BulkRun.State, BulkItem.State


@dataclass(frozen=True, slots=True)
class Choice:
    """An action that can be chosen."""

    name: str
    icon: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason why tickets stay unchanged: how many, and the keys of the first."""

    words: str
    count: int
    keys: Sequence[str]

    @property
    def more(self) -> int:
        """The number of tickets whose keys are not listed."""
        return self.count - len(self.keys)


@dataclass(frozen=True, slots=True)
class Preview:
    """What the action would do. `tells`: whether anybody gets a mail; `losses`: what changed tickets lose."""

    changing: int
    sentence: str
    mails: str
    tells: bool
    reasons: list[Reason]
    losses: list[str]


@dataclass(frozen=True, slots=True)
class RunPage:
    """Progress or result of a bulk run.

    `stuck`: an error ended it; `tells`: its mails wait until it can no longer be undone.
    """

    id: int
    state: str
    title: str
    total: int
    worked: int
    sentence: str
    reasons: list[Reason]
    undo_until: datetime | None
    back: str
    stuck: bool
    tells: bool = False

    @property
    def active(self) -> bool:
        """Whether the worker is working on it."""
        return not self.stuck and self.state in {State.RUNNING, State.UNDOING}

    @property
    def marker(self) -> str:
        """A text that changes whenever the progress shown would change."""
        return f"{self.state}-{self.worked}-{self.total}"


def act_choices(run: BulkRun, chosen: str) -> list[Choice]:
    """Return the actions, each with a link to its form."""
    url = reverse("workspace:bulk_run", args=[run.pk])
    return [Choice(str(name), ACT_ICONS[kind], f"{url}?act={kind}", kind == chosen) for kind, name in ACT_NAMES.items()]


def preview_of(act: Act, actor: Actor, tickets: Sequence[Ticket], at: datetime) -> Preview:
    """Return what the action would do to these tickets now. Modifies the ticket objects, but saves nothing."""
    effects = consequences(act, actor, tickets)
    losses = _losses(act, effects.changing)
    mails = forecast(effects.changing, act, actor, at)
    reasons = [
        Reason(stay.refusal.translated(), len(stay.tickets), [ticket.key for ticket in stay.tickets[:KEYS_NAMED]])
        for stay in effects.staying
    ]
    return Preview(len(effects.changing), _sentence(effects), _mails(mails), mails.mails > 0, reasons, losses)


def _losses(act: Act, tickets: Sequence[Ticket]) -> list[str]:
    """Summarize what a move changes in addition, with counts; empty for other actions."""
    if not isinstance(act, Move):
        return []
    with remembering():
        there = [(ticket, act.standing(ticket)) for ticket in tickets]
    freed = sum(ticket.assignee_id is not None and stands.assignee is None for ticket, stands in there)
    readers = _("“%(desk)s” will read them, internal notes and files, too; who works only here no longer will.")
    unassigned = ngettext("%(n)d will have no assignee.", "%(n)d will have no assignee.", freed) % {"n": freed}
    lines = [readers % {"desk": act.desk_name}, *([unassigned] if freed else [])] if there else []
    steps = Counter((name_of(ticket.status), name_of(stands.status)) for ticket, stands in there)
    kinds = Counter((_type_name(ticket.request_type), _type_name(stands.request_type)) for ticket, stands in there)
    lines += [_("Status: %(step)s") % {"step": step} for step in _steps(steps)]
    return [*lines, *(_("Type: %(step)s") % {"step": step} for step in _steps(kinds))]


def _type_name(request_type: RequestType | None) -> str:
    return name_of(request_type) if request_type is not None else "—"


def _steps(counts: Counter[tuple[str, str]]) -> list[str]:
    """Return lines such as «Открыт → Новый: 12», without pairs of the same name."""
    return [f"{before} → {after}: {count}" for (before, after), count in counts.most_common() if before != after]


def _sentence(effects: Consequences) -> str:
    """«17 chosen: 15 will change, 2 stay as they are»."""
    changing, left = len(effects.changing), effects.left
    changes = ngettext("%(n)d will change", "%(n)d will change", changing) % {"n": changing}
    stays = ngettext("%(n)d stays as it is", "%(n)d stay as they are", left) % {"n": left}
    chosen = ngettext("%(n)d chosen", "%(n)d chosen", changing + left) % {"n": changing + left}
    return f"{chosen}: {', '.join([changes, *([stays] if left else [])])}"


def _mails(mails: Forecast) -> str:
    if not mails.mails:
        return _("Nobody gets a mail.")
    customers = ngettext("%(n)d customer", "%(n)d customers", mails.customers) % {"n": mails.customers}
    staff = ngettext("%(n)d colleague", "%(n)d colleagues", mails.staff) % {"n": mails.staff}
    people = [*([customers] if mails.customers else []), *([staff] if mails.staff else [])]
    many = ngettext("%(n)d mail will go", "%(n)d mails will go", mails.mails) % {"n": mails.mails}
    return _("%(mails)s, to: %(people)s.") % {"mails": many, "people": ", ".join(people)}


def run_page(run: BulkRun, counts: dict[str, int], at: datetime, *, reasons: bool = True) -> RunPage:
    """Return the page of a started run.

    `counts`: its tickets by state; `reasons`: whether to list them when it is over.
    """
    total = sum(counts.values())
    waiting = counts.get(Item.WAITING, 0) if run.state != State.UNDOING else counts.get(Item.DONE, 0)
    return RunPage(
        id=run.pk,
        state=run.state,
        title=str(ACT_NAMES.get(run.act, "")),
        total=total,
        worked=total - waiting,
        sentence=_told(run, counts),
        reasons=_reasons(run) if reasons and run.state in {State.DONE, State.UNDONE} else [],
        undo_until=run.undo_until if may_be_undone(run, at) else None,
        back=run.back,
        stuck=run.failed_at is not None,
        tells=reasons and may_be_undone(run, at) and _tells(run, counts),
    )


def _tells(run: BulkRun, counts: dict[str, int]) -> bool:
    """Return whether mails of the run wait until it can no longer be undone. Replies have no event before they are
    sent."""
    return counts.get(Item.DONE, 0) > 0 if run.act == Reply.kind else held_tell(run.batch)


def _told(run: BulkRun, counts: dict[str, int]) -> str:
    """«15 changed, 2 left as they were»."""
    done, left = counts.get(Item.DONE, 0), counts.get(Item.LEFT, 0)
    undone, stayed = counts.get(Item.UNDONE, 0), counts.get(Item.STAYED, 0)
    if run.state == State.UNDOING:
        done = 0
    parts = [
        ngettext("%(n)d changed", "%(n)d changed", done) % {"n": done}
        if done or not (undone or stayed or left)
        else "",
        ngettext("%(n)d taken back", "%(n)d taken back", undone) % {"n": undone} if undone else "",
        ngettext("%(n)d could not be taken back", "%(n)d could not be taken back", stayed) % {"n": stayed}
        if stayed
        else "",
        ngettext("%(n)d left as it was", "%(n)d left as they were", left) % {"n": left} if left else "",
    ]
    return ", ".join(filter(None, parts))


def _reasons(run: BulkRun) -> list[Reason]:
    rows = run.items.exclude(why="").order_by("position").values_list("why", "ticket__key")
    by_why: dict[str, list[str]] = {}
    for why, key in rows:
        by_why.setdefault(why, []).append(key)
    reasons = [Reason(translated(why), len(keys), keys[:KEYS_NAMED]) for why, keys in by_why.items()]
    return sorted(reasons, key=lambda reason: -reason.count)
