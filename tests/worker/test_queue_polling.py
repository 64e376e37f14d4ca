"""Which rows wake a pump: all that it may have to work off, and none that is over."""

from collections.abc import Callable
from typing import Any

import pytest

from otklik.journal.models import Event
from otklik.mail.models import InboundMail, OutboundMail
from otklik.notify.models import DigestEntry
from otklik.people.models import DataExport
from otklik.tickets.models import BulkRun, ListExport
from otklik.worker import queue_polling
from tests.acting import LATER
from tests.cast import Cast
from tests.portal.helpers import inbound_mail
from tests.tickets.commands.parts import asked, waiting_reply


def a_run(cast: Cast) -> BulkRun:
    return BulkRun.objects.create(person=cast.agent, act="labels", prepared_at=LATER)


def an_export(cast: Cast) -> ListExport:
    times = {"asked_at": LATER, "expires_at": LATER}
    return ListExport.objects.create(person=cast.agent, jql="", kind="csv", language="ru", time_zone="UTC", **times)


def a_mail(cast: Cast) -> OutboundMail:
    return OutboundMail.objects.create(
        recipient="x@far.test", sender="accredo@desk.test", kind="comment", cause="x", subject="s", text="t",
        message_id="<x@desk.test>", created_at=LATER, retry_at=LATER,
    )  # fmt: skip


def an_entry(cast: Cast) -> DigestEntry:
    event = Event.objects.latest("id").pk
    return DigestEntry.objects.create(person=cast.anna, event_id=event, template="comment", due_at=LATER)


FAILED = {"failed_at": LATER}
SETTLED = {"settled_at": LATER}
# What is asked, a row, and which values of it wake and which do not.
CASES: dict[str, tuple[Callable[[], object], Callable[[Cast], Any], list[dict[str, Any]], list[dict[str, Any]]]] = {
    "replies": (
        queue_polling.waiting_reply, waiting_reply,
        [{"state": "waiting"}], [{"state": state} for state in ("stopped", "draft")],
    ),
    "bulk": (
        queue_polling.active_bulk_run, a_run,
        [{"state": "running"}, {"state": "undoing"}],
        [*({"state": state} for state in ("prepared", "done", "undone")), {"state": "running", **FAILED}],
    ),
    "events": (
        queue_polling.undispatched_event, lambda _cast: Event.objects.latest("id"),
        [{"dispatched_at": None}], [{"dispatched_at": LATER}, {"dispatched_at": None, **FAILED}],
    ),
    "reminders": (
        queue_polling.approval_to_remind_of, asked,
        [{"state": "pending"}], [{"reminded_at": LATER}, {"state": "approved", **SETTLED}],
    ),
    "digests": (queue_polling.digest_entry, an_entry, [{}, {"attempts": 3}], [FAILED]),
    "exports": (
        queue_polling.own_data_export,
        lambda cast: DataExport.objects.create(person=cast.anna, asked_at=LATER),
        [{}, {"ready_at": LATER, "expires_at": LATER}], [FAILED],
    ),
    "list exports": (queue_polling.list_export, an_export, [{}], [{"ready_at": LATER}, FAILED]),
    "outbox": (queue_polling.queued_mail, a_mail, [{}, {"attempts": 3}], [{"state": "sent"}, {"state": "stopped"}]),
    "inbox": (
        lambda: queue_polling.waiting_mail(slow=1), lambda _cast: inbound_mail(),
        [{"state": "waiting", "slow": 1}],
        [{"state": "waiting", "slow": 0}, {"state": "waiting", "slow": 2}, {"state": "filed", "slow": 1, **SETTLED}],
    ),
    "vouching": (
        queue_polling.unvouched_mail, lambda _cast: inbound_mail(),
        [{"state": "waiting", "signed_by": None}],
        [{"state": "waiting", "signed_by": ""}, {"state": "filed", "signed_by": None, **SETTLED}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_pump_is_woken_by_what_it_may_have_to_do(cast: Cast, name: str) -> None:
    waits, make, waking, others = CASES[name]
    Event.objects.update(dispatched_at=LATER)
    InboundMail.objects.update(state="filed", **SETTLED)
    row = make(cast)
    Event.objects.exclude(pk=row.pk if isinstance(row, Event) else 0).update(dispatched_at=LATER)
    as_made = type(row)._base_manager.filter(pk=row.pk).values().get()
    for wanted, rows in ((True, waking), (False, others)):
        for values in rows:
            type(row)._base_manager.filter(pk=row.pk).update(**{**as_made, **values})
            assert bool(waits()) is wanted, values
