"""Batches of rows: claimed and settled together, and one by one when one of them fails."""

import threading
import time
from collections.abc import Collection
from datetime import datetime

import pytest
from django.db import DataError, connections, transaction
from django.utils import timezone

from otklik.core.batch_cache import remembered, remembering
from otklik.core.bulk_update import update_rows
from otklik.core.locks import lock
from otklik.core.row_queue import RowQueue, disjoint_runs
from otklik.mail.models import Mailbox
from otklik.people.models import Person
from tests.meanwhile import deadlocks


def boxes(count: int) -> list[Mailbox]:
    return Mailbox.objects.bulk_create(Mailbox(address=f"b{n}@x.test", created_at=timezone.now()) for n in range(count))


class Diary:
    """A queue of mailboxes: settling puts the address in capitals; `poison` are addresses that cannot be settled."""

    def __init__(self, size: int, *poison: str) -> None:
        self.size, self.poison = size, poison
        self.tries: list[list[str]] = []
        self.failed: list[int] = []
        self.queue = RowQueue("diary", self.claim, self.work, lambda pk, error: self.failed.append(pk))

    def claim(self, at: datetime, only: int | None, but: Collection[int]) -> list[Mailbox]:
        rows = Mailbox.objects.select_for_update(skip_locked=True).filter(address__endswith="test")
        rows = rows.exclude(pk__in=[*self.failed, *but])
        return list(rows.filter(pk=only) if only else rows.order_by("id")[: self.size])

    def work(self, rows: list[Mailbox], at: datetime) -> None:
        self.tries.append([row.address for row in rows])
        for row in rows:
            row.address = row.address.upper()
            row.save()
            if row.address.lower() in self.poison:
                raise ValueError(row.address)


def test_rows_are_worked_off_in_order_and_together(db: None) -> None:
    boxes(5)
    diary = Diary(3)
    assert [diary.queue.next(), diary.queue.next(), diary.queue.next()] == [True, True, False]
    assert diary.tries == [["b0@x.test", "b1@x.test", "b2@x.test"], ["b3@x.test", "b4@x.test"]]


def test_rl_10_one_at_fault_does_not_hurt_the_others(db: None) -> None:
    rows = boxes(4)
    diary = Diary(10, "b2@x.test")
    assert diary.queue.next() and not diary.queue.next()
    assert diary.failed == [rows[2].pk]
    assert set(Mailbox.objects.values_list("address", flat=True)) == {
        "B0@X.TEST",
        "B1@X.TEST",
        "b2@x.test",
        "B3@X.TEST",
    }


def test_two_workers_share_the_rows(transactional_db: None) -> None:
    boxes(40)
    diaries = [Diary(3), Diary(3)]

    def work(diary: Diary) -> None:
        try:
            while diary.queue.next():
                pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(diary,)) for diary in diaries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = [address for diary in diaries for batch in diary.tries for address in batch]
    assert sorted(done) == sorted(f"b{n}@x.test" for n in range(40))


def test_a_batch_gives_way_to_whoever_waits_for_one_of_its_rows(transactional_db: None) -> None:
    """PostgreSQL aborts one side of a deadlock after a second: it must not be the person."""
    (first, second), locked, meets = boxes(2), threading.Event(), threading.Event()
    ended, before = list[BaseException | None](), deadlocks()
    theirs = Mailbox.objects.create(address="theirs@x.example", created_at=timezone.now())

    class Meeting(Diary):
        def work(self, rows: list[Mailbox], at: datetime) -> None:
            if not locked.is_set():
                person.start()
                assert locked.wait(30)
            meets.set()
            lock(Mailbox, theirs.pk)
            super().work(rows, at)

    def act() -> None:
        try:
            with transaction.atomic():
                lock(Mailbox, theirs.pk)
                locked.set()
                assert meets.wait(30)
                lock(Mailbox, first.pk)
            ended.append(None)
        except Exception as error:
            ended.append(error)
        finally:
            connections.close_all()

    person = threading.Thread(target=act)
    diary = Meeting(2)
    assert diary.queue.next()
    person.join(60)
    # What the person still held when it was tried alone was passed over, and is due as before.
    while diary.queue.next():
        pass
    assert ended == [None] and diary.failed == []
    assert deadlocks() == before
    assert sorted(diary.tries) == [[first.address.lower()], [second.address.lower()]], "each alone, not together"


def test_a_row_alone_waits_as_long_as_it_takes(transactional_db: None) -> None:
    (row, theirs), free = boxes(2), threading.Event()

    class Patient(Diary):
        def work(self, rows: list[Mailbox], at: datetime) -> None:
            lock(Mailbox, theirs.pk)
            super().work(rows, at)

    def hold() -> None:
        with transaction.atomic():
            lock(Mailbox, theirs.pk)
            free.set()
            time.sleep(1.0)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert free.wait(30)
    diary = Patient(1)
    assert diary.queue.next() and diary.failed == [] and diary.tries == [[row.address]]
    holder.join(30)


def test_items_that_depend_on_one_another_are_kept_apart() -> None:
    keys = {"a": {1}, "b": {2}, "c": {1, 3}, "d": set(), "e": {3}}
    assert list(disjoint_runs("abcde", lambda item: keys[item])) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(disjoint_runs("", lambda item: keys[item])) == []


def test_each_row_gets_its_own_values(db: None) -> None:
    rows = [Person(name=f"p{n}", email=None, created_at=timezone.now()) for n in range(3)]
    Person.objects.bulk_create(rows)
    for number, row in enumerate(rows):
        row.name, row.is_admin, row.activated_at = f"Имя {number}", number == 1, timezone.now() if number else None
        row.email = "other@x.test"
    update_rows(rows, "name", "is_admin", "activated_at")
    for row in rows:
        found = Person.objects.get(pk=row.pk)
        assert (found.name, found.is_admin, found.activated_at) == (row.name, row.is_admin, row.activated_at)
        assert found.email is None
    update_rows([], "name")
    rows[0].name = "x" * 300
    with pytest.raises(DataError), transaction.atomic():
        update_rows(rows, "name")


def test_a_batch_remembers_what_it_read_and_forgets_at_its_end() -> None:
    asked: list[str] = []

    @remembered
    def shout(word: str) -> str:
        asked.append(word)
        return word.upper()

    shout("a")
    with remembering():
        assert [shout("a"), shout("b"), shout("a")] == ["A", "B", "A"]
        with remembering():
            assert shout("a") == "A"
    assert shout("a") == "A"
    assert asked == ["a", "a", "b", "a"]
