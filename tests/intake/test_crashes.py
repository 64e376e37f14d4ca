"""Crashes at every step: each mail becomes one item, each promised mail is sent under one Message-ID."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from otklik.mail import deliver
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox, OutboundMail
from otklik.tickets.models import Message, Ticket
from tests.cast import Cast
from tests.postoffice import Sink, letter, run_all

SIGKILLED = -9

# Loading the product takes longer than its work: one process loads it and makes a child for each job, which is killed.
WORKER = """
import json, os, sys, django
from django.conf import settings
from django.db import connections
django.setup()
from tests.postoffice import run_all
from otklik.mail.inbox import accept
from otklik.mail.models import Mailbox
from django.utils import timezone

def work(job):
    os.environ["OTKLIK_FAULT"] = job["fault"]
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = job["database"]
    settings.OUTGOING, settings.FILES = job["outgoing"], job["files"]
    if job["mail"]:
        box, raw = Mailbox.objects.get(address="accredo@desk.test"), open(job["mail"], "rb").read()
        accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=timezone.now())
    run_all()

for line in sys.stdin:
    child = os.fork()
    if not child:
        work(json.loads(line))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
Work = Callable[..., int]


@pytest.fixture(scope="module")
def worker() -> Iterator["subprocess.Popen[str]"]:
    """Yield a process that has loaded the product and waits for jobs."""
    path = os.pathsep.join(str(Path(__file__).parents[2] / part) for part in ("src", ""))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "otklik.config.test_settings", "PYTHONPATH": path}
    command = [sys.executable, "-c", WORKER]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def work(worker: "subprocess.Popen[str]") -> Work:
    """Return a function that runs the worker's steps in that process until idle or killed at the fault point; it
    returns the exit code."""

    def run(fault: str, outgoing: str, mail: str = "") -> int:
        assert worker.stdin is not None and worker.stdout is not None
        job = {"fault": fault, "outgoing": outgoing, "mail": mail, "files": str(settings.FILES)}
        print(json.dumps({**job, "database": connection.settings_dict["NAME"]}), file=worker.stdin, flush=True)
        code = int(worker.stdout.readline())
        assert code in {0, SIGKILLED}
        return code

    return run


def store(raw: bytes) -> InboundMail:
    box = Mailbox.objects.get(address="accredo@desk.test")
    return accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=timezone.now())


def all_is_well(sink: Sink) -> None:
    """Require one mail, one ticket and one acknowledgement, which may be sent twice under the same Message-ID."""
    assert InboundMail.objects.filter(from_address="ivan@clinic.test", state="filed").count() == 1
    assert Ticket.objects.filter(requester__email="ivan@clinic.test").count() == 1
    assert Message.objects.filter(inbound__isnull=False).count() == 1
    got = [mail.message["Message-ID"] for mail in sink.to("ivan@clinic.test")]
    assert len(set(got)) == 2 and len(got) <= 3
    assert not OutboundMail.objects.exclude(state="sent").exists()


@pytest.mark.services
@pytest.mark.parametrize(
    "point", ["after_claim", "mid_apply", "after_apply", "mid_dispatch", "before_send", "after_250", "after_send"]
)
def test_rl_03_a_killed_worker_loses_and_doubles_nothing(people: Cast, sink: Sink, work: Work, point: str) -> None:
    run_all()
    sink.taken.clear()
    store(letter(sender="ivan@clinic.test", text="одно"))
    outgoing = f"smtp://127.0.0.1:{sink.port}"
    assert work(f"{point}:kill", outgoing) == SIGKILLED
    _as_if_a_minute_passed()
    assert work("", outgoing) == 0
    all_is_well(sink)


@pytest.mark.services
def test_rl_02_killed_between_store_and_answer(people: Cast, sink: Sink, work: Work, tmp_path: Path) -> None:
    run_all()
    sink.taken.clear()
    file = tmp_path / "mail.eml"
    file.write_bytes(letter(sender="ivan@clinic.test", text="одно"))
    outgoing = f"smtp://127.0.0.1:{sink.port}"
    assert work("before_store:kill", outgoing, str(file)) == SIGKILLED
    assert not InboundMail.objects.exists()
    assert work("after_store:kill", outgoing, str(file)) == SIGKILLED
    assert InboundMail.objects.get().state == "waiting"
    assert work("", outgoing, str(file)) == 0
    assert InboundMail.objects.get().copies == 2
    all_is_well(sink)


def test_rl_23_a_connection_lost_after_the_mail_was_taken(people: Cast, sink: Sink) -> None:
    run_all()
    sink.taken.clear()
    sink.answer("DATA", "take and drop", "250 OK")
    store(letter(sender="ivan@clinic.test", text="одно"))
    run_all()
    assert OutboundMail.objects.filter(state="queued").count() >= 1
    _as_if_a_minute_passed()
    deliver.forget()
    run_all()
    all_is_well(sink)


def _as_if_a_minute_passed() -> None:
    OutboundMail.objects.filter(state="queued").update(retry_at=timezone.now(), claimed_until=timezone.now())
