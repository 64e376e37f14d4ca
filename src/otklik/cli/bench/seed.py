"""Seed a database with a deterministic set of tickets, by COPY."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection, transaction
from rich.console import Console
from rich.progress import track

from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo
from otklik.desks.commands.create import add_desk, set_role
from otklik.desks.models import Desk, Status
from otklik.desks.queries import default_priority, default_resolution, first_status
from otklik.people.actor import system
from otklik.people.commands.persons import ensure_person, grant
from otklik.people.models import Person
from otklik.tickets.models import Message, NumberSequence, Ticket

KEY = "BENCH"
AGENT = "bench-agent@bench.example"
CUSTOMERS = 2000
_CHUNK = 5000
START = datetime(2025, 1, 1, tzinfo=UTC)
_APART = 30

_NOUNS = "принтер компьютер телефон договор пароль монитор сервер пропуск отчёт доступ почта справка лицензия".split()
_VERBS = "не работает|сломался|не включается|не открывается|зависает|требует замены|показывает ошибку".split("|")
_WORDS = (
    "здравствуйте прошу помочь срочно сегодня утром после обновления система сообщает ошибку доступа отдел кабинет "
    "сотрудник просит проверить настройки сети письмо вложение спасибо рабочее место подключение программа документ"
).split()

_TICKET = (
    "id desk_id number key subject request_type_id requester_id created_by_id status_id resolution_id "
    "priority_id assignee_id channel sender_unverified version created_at updated_at shown_at closed_at"
)
_MESSAGE = "ticket_id side kind opening held author_id claimed_author text html markup quoted why created_at"
_PARTICIPANT = "ticket_id person_id muted epoch added_at"


def seed_tickets(wanted: int) -> int:
    """Add tickets to the desk BENCH until it has `wanted`; return the number. Raises UnableTo if it has more."""
    with transaction.atomic():
        desk = Desk.objects.filter(key=KEY).first() or _desk()
        have = Ticket.objects.filter(desk=desk).count()
        if have > wanted:
            raise UnableTo(CliRefusal.BENCH_SEEDED_MORE, key=KEY, have=have)
        if have < wanted:
            _copy(desk, have + 1, wanted)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return wanted


def agent() -> Person:
    """Return the agent of BENCH. Raises UnableTo if nothing was seeded."""
    person = Person.objects.filter(email=AGENT).first()
    if person is None:
        raise UnableTo(CliRefusal.BENCH_NOT_SEEDED)
    return person


def _desk() -> Desk:
    actor = system("cli")
    desk = add_desk(actor=actor, at=START, key=KEY, name="Замер скорости", address="bench@bench.example")
    person, _ = ensure_person(address=AGENT, name="Агент Замеров", at=START)
    grant(person=person, at=START, password=None)
    set_role(actor=actor, at=START, desk=desk, person=person, role="agent")
    people = Person.objects.bulk_create(
        Person(email=f"customer{n}@bench.example", name=f"Заявитель {n}", created_at=START, password="!")  # noqa: S106
        for n in range(CUSTOMERS)
    )
    EmailAddress.objects.bulk_create(EmailAddress(user=person, email=person.email, primary=True) for person in people)
    return desk


@dataclass(frozen=True)
class _Parts:
    """Ids of the rows that the desk's tickets refer to."""

    desk: Desk
    customers: list[int]
    member: int
    request_type: int
    new: int
    done: int
    resolution: int
    priority: int


def _parts_of(desk: Desk) -> _Parts:
    people = Person.objects.filter(email__endswith="@bench.example").exclude(email=AGENT)
    resolution = default_resolution()
    assert resolution is not None
    return _Parts(
        desk=desk,
        customers=list(people.order_by("id").values_list("id", flat=True)),
        member=desk.memberships.get().person_id,
        request_type=desk.request_types.order_by("position")[0].pk,
        new=first_status(desk).pk,
        done=desk.statuses.get(category=Status.Category.DONE).pk,
        resolution=resolution.pk,
        priority=default_priority(desk).pk,
    )


def _copy(desk: Desk, first: int, last: int) -> None:
    """Write tickets first..last with messages and participants, in chunks to bound memory."""
    parts = _parts_of(desk)
    chunks = range(first, last + 1, _CHUNK)
    for begin in track(chunks, description="tickets", console=Console(stderr=True), transient=True):
        numbers = range(begin, min(begin + _CHUNK, last + 1))
        rows = [_row(number, pk, parts) for number, pk in zip(numbers, _reserve(len(numbers)), strict=True)]
        _write("tickets_ticket", _TICKET, (_ticket(parts, columns) for columns in rows))
        _write("tickets_message", _MESSAGE, (message for columns in rows for message in _messages(parts, columns)))
        _write("tickets_participant", _PARTICIPANT, ((r["id"], r["customer"], False, 1, r["created"]) for r in rows))
    NumberSequence.objects.update_or_create(desk=desk, defaults={"last": last})


def _reserve(count: int) -> list[int]:
    """Take `count` ids from the tickets' sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('tickets_ticket', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]


def _row(number: int, ticket_id: int, parts: _Parts) -> dict[str, Any]:
    draw = random.Random(number)  # noqa: S311 - the same load every time is the point
    # The dates of two million tickets are in the past, as polling requires.
    created = START + timedelta(seconds=_APART * number)
    texts = [" ".join(draw.choices(_WORDS, k=draw.randint(30, 60))).capitalize() + "." for _ in range(3)]
    if number % 500 == 0:
        texts[1] += " Нужен экскаватор срочно."
    return {
        "id": ticket_id,
        "number": number,
        "customer": parts.customers[(number * 7919) % len(parts.customers)],
        "open": draw.random() < 0.1,
        "subject": f"{draw.choice(_NOUNS)} {draw.choice(_VERBS)} {number}",
        "texts": texts,
        "created": created,
        "updated": created + timedelta(minutes=draw.randint(30, 3000)),
    }


def _ticket(parts: _Parts, r: dict[str, Any]) -> tuple[Any, ...]:
    status, closed, resolution = (parts.new, None, None) if r["open"] else (parts.done, r["updated"], parts.resolution)
    assignee = parts.member if r["number"] % 3 == 0 else None
    return (
        r["id"], parts.desk.pk, r["number"], f"{parts.desk.key}-{r['number']}", r["subject"], parts.request_type,
        r["customer"], r["customer"], status, resolution, parts.priority, assignee, "mail", False, 4, r["created"],
        r["updated"], r["updated"], closed,
    )  # fmt: skip


def _messages(parts: _Parts, r: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the request, an agent's reply and the customer's answer."""
    for place, text in enumerate(r["texts"]):
        author, side = (parts.member, Message.Side.STAFF) if place == 1 else (r["customer"], Message.Side.CUSTOMER)
        at = r["created"] + (r["updated"] - r["created"]) * place / 2
        yield (r["id"], side.value, "public", place == 0, False, author, "", text, "", "plain", "", "", at)


def _write(table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(columns.split())
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for values in rows:
            copy.write_row(values)
