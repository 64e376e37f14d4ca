"""Two real workers on one database, each of three processes (ADR 20)."""

import math
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone

from otklik.journal.models import Event
from otklik.mail.inbox import Offered, accept_all
from otklik.mail.models import InboundMail, Mailbox, OutboundMail
from otklik.tickets.models import Message, Ticket
from tests.cast import Cast
from tests.postoffice import Sink, letter, run_all
from tests.processes import starting

MAILS, LATE, PER_MINUTE = 90, 30, 4


def mails() -> list[bytes]:
    """Return new requests of a few people and their answers, so that batches overlap."""
    made = []
    for number in range(MAILS):
        sender = f"Заявитель <p{number % 9}@clinic.test>"
        answers = {"In_Reply_To": f"<m{number - 9}@clinic.test>"} if number % 3 == 2 and number > 9 else {}
        made.append(letter(sender=sender, text=f"MARK-{number:03d}", Message_ID=f"<m{number}@clinic.test>", **answers))
    return made


def late_mails() -> None:
    """Queue mails that piled up while the mail server was down."""
    then = timezone.now() - timedelta(hours=2)
    OutboundMail.objects.bulk_create(
        OutboundMail(
            recipient=f"late{number}@x.test", sender="accredo@desk.test", kind="comment", cause=f"late {number}",
            subject="x", text="x", message_id=f"<late{number}@desk.test>", created_at=then, retry_at=then,
        )
        for number in range(LATE)
    )  # fmt: skip


def is_done() -> bool:
    waiting = InboundMail.objects.filter(state="waiting").exists() or Event.objects.filter(dispatched_at=None).exists()
    queued = OutboundMail.objects.filter(state="queued").exclude(cause__startswith="late").exists()
    return not waiting and not queued and InboundMail.objects.count() == MAILS


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def test_rl_09_two_workers_share_the_work_and_double_nothing(people: Cast, sink: Sink, tmp_path: Path) -> None:
    run_all()
    sent = {str(mail.message["Message-ID"]) for mail in sink.taken}
    sink.taken.clear()
    before, box = deadlocks(), Mailbox.objects.get(address="accredo@desk.test")
    late_mails()
    free = {f"OTKLIK_BUDGET_{name}": "100000" for name in ("ADDRESS_HOUR", "ADDRESS_DAY", "DOMAIN_HOUR", "SITE_HOUR")}
    outgoing = {"OTKLIK_OUTGOING": f"smtp://127.0.0.1:{sink.port}", "OTKLIK_LATE_PER_MINUTE": str(PER_MINUTE)}
    with (tmp_path / "log").open("wb") as log, starting(log) as start:
        began = time.monotonic()
        workers = [start("worker", **outgoing, **free) for _ in range(2)]
        for raw in mails():
            accept_all([Offered(raw, box, "smtp", "", box.address, at=timezone.now())])
        while not is_done():
            assert time.monotonic() - began < 240, InboundMail.objects.filter(state="waiting").count()
            assert all(worker.poll() is None for worker in workers)
            time.sleep(0.2)
        took = time.monotonic() - began
    said = (tmp_path / "log").read_text()
    assert "deadlock" not in said and "Traceback" not in said and "stumbled" not in said, said[-3000:]
    assert deadlocks() == before
    assert set(InboundMail.objects.values_list("attempts", "copies")) == {(0, 1)}
    marks = Counter(text[:8] for text in Message.objects.values_list("text", flat=True) if text.startswith("MARK-"))
    assert marks == Counter(f"MARK-{number:03d}" for number in range(MAILS))
    numbers = sorted(Ticket.objects.filter(desk=people.desk).values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    accepted = OutboundMail.objects.filter(kind="accepted", ticket_id__in=Ticket.objects.values("pk")).count()
    assert accepted >= len(numbers) - 1
    once = Counter(str(mail.message["Message-ID"]) for mail in sink.taken)
    promised = set(OutboundMail.objects.exclude(cause__startswith="late").values_list("message_id", flat=True)) - sent
    assert set(once.values()) == {1} and promised <= set(once)
    # All four delivery threads of the six processes walk together.
    late = [mail for mail in sink.taken if mail.recipients[0].startswith("late")]
    assert PER_MINUTE <= len(late) <= PER_MINUTE * math.ceil((took + 20) / 60)
