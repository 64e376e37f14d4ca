"""Throttling of guesses at secrets (section 3.5, AB-38)."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from otklik.people.login_throttle import KEPT, is_held, may_guess, was_right, was_wrong
from otklik.people.models import Guesses
from otklik.worker.cleanup import tidy
from tests.cast import START

ANNA = "person 1"


def wait_after(at: datetime, kind: str = "password") -> float:
    return (Guesses.objects.get().not_before - at).total_seconds()


def guessed(count: int, at: datetime, kind: str = "password") -> int:
    return sum(may_guess(kind=kind, whose=ANNA, at=at) for _ in range(count))


def test_ab_38_five_guesses_in_five_minutes(db: None) -> None:
    assert guessed(20, START) == 5
    assert guessed(1, START + timedelta(minutes=4, seconds=59)) == 0
    assert guessed(5, START + timedelta(minutes=5)) == 1


def test_ab_38_each_further_guess_waits_longer_up_to_an_hour(db: None) -> None:
    guessed(5, START)
    at, waits = START, []
    for _ in range(10):
        at = Guesses.objects.get().not_before
        assert guessed(3, at) == 1
        waits.append(wait_after(at))
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]


def test_ab_38_after_a_hundred_in_a_row_the_door_is_closed_and_not_for_ever(db: None, home: Path) -> None:
    at, looked_at = START, 0
    for _ in range(1000):
        looked_at += guessed(1, at)
        at += timedelta(hours=1)
    assert looked_at == 100
    last = Guesses.objects.get().last_at
    tidy(last + KEPT)
    assert guessed(1, at) == 0
    tidy(last + KEPT + timedelta(seconds=1))
    assert guessed(1, at) == 1


def test_ab_38_a_refused_guess_makes_nobody_wait_longer(db: None) -> None:
    guessed(5, START)
    before = Guesses.objects.get().not_before
    guessed(50, START + timedelta(minutes=1))
    assert Guesses.objects.get().not_before == before


def test_a_right_guess_forgets_the_wrong_ones(db: None) -> None:
    guessed(5, START)
    was_right(kind="password", whose=ANNA)
    assert guessed(20, START) == 5


def test_secrets_count_by_themselves(db: None) -> None:
    guessed(5, START)
    assert may_guess(kind="password", whose="person 2", at=START)
    assert may_guess(kind="factor", whose=ANNA, at=START)


def test_ab_38_a_network_address_has_ten_a_minute_and_grows_with_each_burst(db: None) -> None:
    at, waits = START, []
    for _ in range(4):
        for _one in range(10):
            assert not is_held(kind="place", whose="10.0.0.1", at=at)
            was_wrong(kind="place", whose="10.0.0.1", at=at)
        assert is_held(kind="place", whose="10.0.0.1", at=at)
        waits.append(wait_after(at))
        at = Guesses.objects.get().not_before
    assert waits == [30, 60, 120, 240]
    at += timedelta(hours=2)
    for _one in range(10):
        was_wrong(kind="place", whose="10.0.0.1", at=at)
    assert wait_after(at) == 30, "after a calm hour it begins at the shortest"


def test_people_behind_one_address_who_mistype_now_and_then_do_not_wait(db: None) -> None:
    for minute in range(60):
        was_wrong(kind="place", whose="10.0.0.1", at=START + timedelta(seconds=10 * minute))
        assert not is_held(kind="place", whose="10.0.0.1", at=START + timedelta(seconds=10 * minute))


@pytest.mark.django_db(transaction=True)
def test_ab_38_guesses_at_the_same_moment_count_together() -> None:
    admitted: list[bool] = []

    def guess() -> None:
        admitted.append(may_guess(kind="password", whose=ANNA, at=START))
        connection.close()

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(admitted) == 5 and len(admitted) == 16


@pytest.mark.django_db(transaction=True)
def test_ab_38_a_right_guess_at_the_same_moment_as_others_is_nobodys_error() -> None:
    done: list[str] = []

    def try_often(what: Callable[[], object]) -> None:
        for _ in range(150):
            what()
        done.append("done")
        connection.close()

    def right() -> None:
        was_right(kind="password", whose=ANNA)

    def wrong() -> None:
        was_wrong(kind="password", whose=ANNA, at=START)

    threads = [threading.Thread(target=try_often, args=[what]) for what in (right, right, wrong, wrong)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(done) == 4
