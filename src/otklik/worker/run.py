"""The worker process: which pumps run in it, and with how many threads.

It is four processes, so that two cores work at once (ADR 20) and mails that are hard to read hold up nothing else
(ADR 104). Each does its share of the pumps; any of them may die or run twice without harm.
"""

import logging
import threading
import time
from functools import partial

import psycopg
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from django.utils import timezone

from otklik.core import notify_channel
from otklik.desks.queries import periods_of_desks
from otklik.intake import bulk_acts as bulk_acts  # acts that a run may name
from otklik.intake.process import SLOW_LANES, SLOW_TOPIC, process_next
from otklik.intake.process import TOPIC as INBOX_TOPIC
from otklik.journal.record import TOPIC as EVENT_TOPIC
from otklik.mail.deliver import TOPIC as OUTBOX_TOPIC
from otklik.mail.deliver import deliver_next
from otklik.mail.dkim_check import vouch_next
from otklik.mail.retention import Sweep
from otklik.notify.digest import digest_next
from otklik.people.commands.own_data import TOPIC as EXPORTS_TOPIC
from otklik.privacy.exports import export_next
from otklik.tickets.bulk import reply_and_share as reply_and_share  # the same
from otklik.tickets.commands.list_export import TOPIC as LIST_EXPORTS_TOPIC
from otklik.tickets.pumps.approval_reminders import remind_next
from otklik.tickets.pumps.bulk_runs import TOPIC as BULK_TOPIC
from otklik.tickets.pumps.bulk_runs import work_next
from otklik.tickets.pumps.pending_replies import TOPIC as REPLIES_TOPIC
from otklik.tickets.pumps.pending_replies import release_next
from otklik.tickets.search.reindex_answers import Rewording
from otklik.worker import queue_polling
from otklik.worker.cleanup import Tidying
from otklik.worker.dispatch import dispatch_next
from otklik.worker.heartbeat import beat
from otklik.worker.pumps import POLL_SECONDS, SWEEPS, Pump, PumpThread, wait_for
from otklik.worker.queue_polling import look
from otklik.worker.unused_files import UnusedFiles
from otklik.workspace.list_exports import export_next as list_export_next

log = logging.getLogger("otklik.worker")

# Everything that happens automatically is listed here.
SHARES: dict[str, tuple[Pump, ...]] = {
    "in": (
        Pump("vouching", INBOX_TOPIC, vouch_next, waits=queue_polling.mail_to_vouch_for),
        Pump("intake", INBOX_TOPIC, process_next, waits=partial(queue_polling.waiting_mail, slow=0)),
    ),
    # Separate processes, because threads of one process share Python's GIL.
    "hard": (
        *(
            Pump(f"slow intake {lane}", SLOW_TOPIC, step, waits=partial(queue_polling.waiting_mail, slow=lane))
            for lane, step in enumerate(SLOW_LANES, 1)
        ),
        Pump("list exports", LIST_EXPORTS_TOPIC, list_export_next, waits=queue_polling.list_export),
    ),
    "plan": (
        Pump("replies", REPLIES_TOPIC, release_next, waits=queue_polling.waiting_reply),
        Pump("bulk", BULK_TOPIC, work_next, waits=queue_polling.active_bulk_run),
        Pump("dispatch", EVENT_TOPIC, dispatch_next, waits=queue_polling.undispatched_event),
        Pump("reminders", "", remind_next, waits=queue_polling.approval_to_remind_of),
        Pump("digest", "", digest_next, waits=queue_polling.digest_entry),
        Pump("exports", EXPORTS_TOPIC, export_next, waits=queue_polling.own_data_export),
        Pump("retention", "", Sweep(periods_of_desks).step, once=True),
        Pump("rewording", "", Rewording().step, once=True),
        Pump("tidying", "", Tidying().step, once=True),
        Pump("unused files", "", UnusedFiles().step, once=True),
    ),
    # Two, so that a recipient whose server takes long to answer holds back nobody else.
    "out": (
        Pump("delivery 1", OUTBOX_TOPIC, deliver_next, waits=queue_polling.queued_mail),
        Pump("delivery 2", OUTBOX_TOPIC, deliver_next, waits=queue_polling.queued_mail),
    ),
}
_BEAT_SECONDS = 10.0
_STOP_SECONDS = 8.0


def main(share: str, stop: threading.Event) -> None:
    """Run the pumps of one share until `stop` is set, then finish their current steps (8 s at most)."""
    threads = [PumpThread(pump, stop) for pump in SHARES[share]]
    for thread in threads:
        thread.start()
    heart = threading.Thread(target=_heart, args=(share, threads, stop), name="heart", daemon=True)
    heart.start()
    _listen(threads, stop)
    for thread in threads:
        thread.wake()
    wait_for(threads, _STOP_SECONDS)
    SWEEPS.give_up()


def _listen(threads: list[PumpThread], stop: threading.Event) -> None:
    """Pass notifications on to the pumps, which keep polling while the database is unavailable."""

    def on_topic(topic: str) -> None:
        for thread in threads:
            if thread.pump.topic == topic:
                thread.wake()

    while not stop.is_set():
        try:
            notify_channel.listen(on_topic, stop.is_set)
        except (psycopg.Error, DatabaseError, OSError) as error:
            log.warning("not listening for wake-ups, polling instead: %s", error)
            stop.wait(1.0)


def _heart(share: str, threads: list[PumpThread], stop: threading.Event) -> None:
    """Record heartbeats and poll the queues for the pumps."""
    beat_at = 0.0
    while not stop.is_set():
        try:
            close_old_connections()
            if time.monotonic() >= beat_at:
                beat(share, timezone.now())
                beat_at = time.monotonic() + _BEAT_SECONDS
            look(threads)
        except (DatabaseError, psycopg.Error) as error:
            log.warning("heartbeat not written, or nobody looks out: %s", error)
            connection.close()
        stop.wait(POLL_SECONDS)
    connection.close()
