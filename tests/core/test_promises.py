"""Edge cases of small helpers that much else relies on."""

import errno
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest
from django.test import RequestFactory

from otklik.core import blobs, disk_space
from otklik.core.batch_cache import remembered, remembering
from otklik.core.due_times import is_ahead
from otklik.core.idempotency import once, once_per_nonce
from otklik.core.ids import typed_id
from otklik.core.models import Submission
from otklik.core.retry_schedule import again_at
from otklik.core.transient_errors import is_transient
from otklik.people.models import Person
from tests.cast import START, Cast

MB = 1024 * 1024


def database_error(state: str | None) -> OperationalError:
    error = OperationalError("x")
    cause = Exception("x")
    if state is not None:
        cause.sqlstate = state  # type: ignore[attr-defined]
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        *[(OSError(number, "x"), True) for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)],
        *[(OSError(number, "x"), True) for number in (errno.EMFILE, errno.ENFILE, errno.ENOMEM)],
        (OSError(errno.ENOENT, "x"), False),
        (OSError(errno.EACCES, "x"), False),
        (InterfaceError("closed"), True),
        (database_error(None), True),
        *[(database_error(state), True) for state in ("08006", "53100", "40001", "57P01", "58030")],
        (database_error("57014"), False),
        (database_error("42P01"), False),
        (DatabaseError("x"), False),
        (ValueError("x"), False),
    ],
)
def test_trouble_of_the_machine_is_told_from_trouble_of_the_thing(error: Exception, passes: bool) -> None:
    assert is_transient(error) is passes


@pytest.mark.parametrize(
    ("words", "number"),
    [("7", 7), ("", 0), ("-1", 0), ("1.5", 0), (" 1", 0), ("٣", 0), ("²", 0), ("9" * 18, int("9" * 18)), ("9" * 19, 0)],
)
def test_an_id_that_was_typed_is_a_number_or_nobodys(words: str, number: int) -> None:
    assert typed_id(words) == number


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, None)])
def test_what_fails_is_tried_four_times_again_and_no_more(tries: int, minutes: int | None) -> None:
    assert again_at(tries, START) == (None if minutes is None else START + timedelta(minutes=minutes))


def test_two_minutes_ahead_are_no_clock_that_was_set_back() -> None:
    assert not is_ahead(None, START)
    assert not is_ahead(START + timedelta(minutes=2), START)
    assert is_ahead(START + timedelta(minutes=2, seconds=1), START)


@pytest.mark.parametrize(
    ("total", "free", "short"),
    [
        (100_000 * MB, 500 * MB, False),
        (100_000 * MB, 500 * MB - 1, True),
        (1000 * MB, 50 * MB, False),
        (1000 * MB, 50 * MB - 1, True),
    ],
)
def test_room_is_short_below_500_megabytes_or_a_twentieth_of_a_small_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, total: int, free: int, short: bool
) -> None:
    asked: list[Path] = []

    def usage(place: Path) -> SimpleNamespace:
        asked.append(place)
        return SimpleNamespace(total=total, free=free)

    monkeypatch.setattr("otklik.core.disk_space.shutil.disk_usage", usage)
    assert disk_space.is_short(tmp_path / "not" / "made yet") is short
    assert asked == [tmp_path]


def test_what_was_read_is_remembered_in_one_block_and_forgotten_after_it() -> None:
    asked: list[int] = []

    @remembered
    def twice(number: int) -> int:
        asked.append(number)
        return 2 * number

    assert twice(1) == twice(1) == 2
    with remembering():
        with remembering():
            assert twice(1) == 2
        assert (twice(1), twice(2)) == (2, 4)
    with suppress(ZeroDivisionError), remembering():
        raise ZeroDivisionError
    assert twice(5) == 10
    assert asked == [1, 1, 1, 2, 5]


@pytest.fixture
def done() -> list[str]:
    return []


def test_rl_33_the_same_form_with_the_same_words_is_done_once(db: None, done: list[str]) -> None:
    def send(nonce: str = "n", owner: int = 1, words: tuple[str, ...] = ("a", "b")) -> str:
        def act() -> str:
            done.append(nonce)
            return f"/{len(done)}"

        return once_per_nonce(nonce=nonce, owner=owner, content=words, at=START, act=act)

    assert [send(), send()] == ["/1", "/1"]
    others = [send(owner=2), send(words=("ab",)), send(words=("a", "b", "")), send(nonce="m")]
    assert others == ["/2", "/3", "/4", "/5"]
    assert [send(nonce=""), send(nonce="")] == ["/6", "/7"]


def test_rl_33_what_failed_is_not_remembered(db: None, done: list[str]) -> None:
    def fails() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        once_per_nonce(nonce="n", owner=1, content=["a"], at=START, act=fails)
    assert not Submission.objects.exists()
    assert once_per_nonce(nonce="n", owner=1, content=["a"], at=START, act=lambda: "/1") == "/1"


@pytest.mark.parametrize("digest", ["", "a" * 63, "a" * 65, "A" * 64, "../" + "a" * 61, "g" * 64, "/" * 64])
def test_a_file_is_looked_for_under_a_hash_and_under_nothing_else(digest: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        blobs.path_of(digest)


def test_rl_33_a_view_that_writes_does_it_once_for_the_same_words_of_the_same_person(
    cast: Cast, rf: RequestFactory, done: list[str]
) -> None:
    def words(_request: HttpRequest, text: str, *, mood: str) -> list[str]:
        return [text, mood]

    @once(words)
    def write(_request: HttpRequest, text: str, *, mood: str) -> str:
        done.append(text)
        if text == "wrong":
            raise ZeroDivisionError
        return f"/{len(done)}"

    def send(text: str, nonce: str = "n", who: Person = cast.anna, mood: str = "") -> str:
        request = rf.post("/", {"nonce": nonce})
        request.user = who
        return write(request, text, mood=mood)

    assert [send("a"), send("a")] == ["/1", "/1"]
    assert [send("b"), send("a", "m"), send("a", who=cast.boris), send("a", mood="!")] == ["/2", "/3", "/4", "/5"]
    assert [send("a", ""), send("a", "")] == ["/6", "/7"]
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            send("wrong")
    assert done.count("wrong") == 2
