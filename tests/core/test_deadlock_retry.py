"""An action aborted by a deadlock is repeated once without loss (real deadlocks in PostgreSQL)."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from psycopg.errors import DeadlockDetected

from otklik.core.deadlock_retry import DeadlockRetry
from otklik.core.locks import lock
from otklik.core.models import Submission
from otklik.people.models import Person
from otklik.tickets.models import Message, Ticket
from tests.cast import START, Cast, build_cast
from tests.meanwhile import deadlocks
from tests.portal.helpers import as_


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return build_cast()


@contextmanager
def ring(ticket: Ticket, person: Person, times: int = 1) -> Iterator[None]:
    """Cause `times` deadlocks: another transaction locks the person and then waits for the ticket that the tested one
    holds.

    The tested transaction then waits for the person, and PostgreSQL aborts it.
    """
    failures = list[BaseException]()
    ready, over = threading.Event(), threading.Event()

    def other() -> None:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1 FROM people_person WHERE id = %s FOR UPDATE", [person.pk])
                ready.set()
                for _time in range(times):
                    _wait_until_held(ticket, over)
                    with transaction.atomic():
                        lock(Ticket, ticket.pk)
                        transaction.set_rollback(True)
        except BaseException as error:
            failures.append(error)
        finally:
            ready.set()
            connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    assert ready.wait(30)
    try:
        with connection.execute_wrapper(_closing):
            yield
    finally:
        over.set()
        thread.join(60)
    assert not failures, failures


def _wait_until_held(ticket: Ticket, over: threading.Event) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and not over.is_set():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM tickets_ticket WHERE id = %s FOR UPDATE NOWAIT", [ticket.pk])
                transaction.set_rollback(True)
        except OperationalError:
            return
        time.sleep(0.005)


def _closing(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Delay the tested transaction after its ticket lock until the other one has waited for more than a second.

    PostgreSQL looks for deadlocks a second after a wait begins and aborts the transaction that finds one.
    """
    result = execute(sql, params, many, context)
    if 'FROM "tickets_ticket"' in sql and " UPDATE" in sql:
        end = time.monotonic() + 3
        with connection.cursor() as cursor:
            while time.monotonic() < end:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                if cursor.fetchone()[0]:
                    time.sleep(1.3)
                    break
                time.sleep(0.02)
    return result


def _says(client: Client, ticket: Ticket, text: str, **files: object) -> int:
    return client.post(
        f"/servicedesk/customer/portal/{ticket.desk_id}/{ticket.key}/comment", {"comment": text, **files}
    ).status_code


def test_a_comment_that_loses_a_deadlock_is_written_all_the_same(people: Cast) -> None:
    client, before = as_(people.anna), deadlocks()
    file = SimpleUploadedFile("a.txt", b"the words of the file")
    with ring(people.ticket, people.anna):
        status = _says(client, people.ticket, "Всё ещё не работает", attachments=file)
    assert (deadlocks() - before, status) == (1, 302)
    message = Message.objects.get(text="Всё ещё не работает")
    assert [one.size for one in message.attachments.all()] == [len(b"the words of the file")]


def test_an_act_that_loses_twice_is_told_and_writes_nothing(people: Cast) -> None:
    client, before = as_(people.anna), deadlocks()
    client.raise_request_exception = False
    with ring(people.ticket, people.anna, times=2):
        assert _says(client, people.ticket, "Дважды") == 503
    assert deadlocks() - before == 2
    assert not Message.objects.filter(text="Дважды").exists()


@pytest.mark.parametrize(("commits", "calls"), [(False, 2), (True, 1)])
def test_what_was_written_for_good_is_not_done_twice(people: Cast, commits: bool, calls: int) -> None:
    made: list[int] = []

    def view(request: HttpRequest) -> HttpResponse:
        made.append(len(made))
        if commits:
            Submission.objects.create(mark=f"{made[-1]:064}", at=START)
        if len(made) > 1:
            return HttpResponse("done")
        raise OperationalError("deadlock detected") from DeadlockDetected()

    def answer(request: HttpRequest) -> HttpResponse:
        retry.process_view(request, view, (), {})
        try:
            return view(request)
        except OperationalError as error:
            again = retry.process_exception(request, error)
            return HttpResponse(status=503) if again is None else again

    retry = DeadlockRetry(answer)
    assert retry(RequestFactory().post("/")).status_code == (503 if commits else 200)
    assert (len(made), Submission.objects.count()) == (calls, int(commits))
