"""Many tickets, always the same ones, written by COPY."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection, transaction
from rich.console import Console
from rich.progress import track

from otklik.core.errors import UnableTo
from otklik.desks.commands.create import add_desk, set_role
from otklik.desks.models import Desk, Status
from otklik.desks.queries import default_priority, first_status
from otklik.people.actor import system
from otklik.people.commands.persons import ensure_person, grant
from otklik.people.models import Person
from otklik.tickets.models import NumberSequence, Ticket

KEY = "BENCH"
AGENT = "bench-agent@bench.example"
CUSTOMERS = 2000
START = datetime(2025, 1, 1, tzinfo=UTC)

_NOUNS = "принтер компьютер телефон договор пароль монитор сервер пропуск отчёт доступ почта справка лицензия".split()
_VERBS = "не работает|сломался|не включается|не открывается|зависает|требует замены|показывает ошибку".split("|")
_WORDS = (
    "здравствуйте прошу помочь срочно сегодня утром после обновления система сообщает ошибку доступа отдел кабинет "
    "сотрудник просит проверить настройки сети письмо вложение спасибо рабочее место подключение программа документ"
).split()

_TICKET = (
    "id desk_id number key subject request_type_id requester_id status_id priority_id assignee_id channel "
    "sender_unverified version created_at updated_at shown_at closed_at"
)
_MESSAGE = "ticket_id kind opening held author_id claimed_author text html markup quoted why created_at"
_PARTICIPANT = "ticket_id person_id muted epoch added_at"


def seed_tickets(wanted: int) -> int:
    """Make the desk BENCH have `wanted` tickets; adds what is missing, removes nothing. Returns how many it has."""
    with transaction.atomic():
        desk = Desk.objects.filter(key=KEY).first() or _desk()
        have = Ticket.objects.filter(desk=desk).count()
        if have > wanted:
            raise UnableTo(f"{KEY} has {have} tickets already; use a fresh OTKLIK_HOME for fewer.")
        if have < wanted:
            _copy(desk, have + 1, wanted)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return wanted


def agent() -> Person:
    """The agent of BENCH. Raises UnableTo when nothing was seeded."""
    person = Person.objects.filter(email=AGENT).first()
    if person is None:
        raise UnableTo("Nothing to measure yet: `otklik bench seed --tickets 10000` first.")
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
    EmailAddress.objects.bulk_create(EmailAddress(user=one, email=one.email, primary=True) for one in people)
    return desk


def _copy(desk: Desk, first: int, last: int) -> None:
    """Tickets first..last with their messages and participants. Ids of tickets are reserved from the sequence."""
    ids = _reserve(last - first + 1)
    customers = list(
        Person.objects.filter(email__endswith="@bench.example")
        .exclude(email=AGENT)
        .order_by("id")
        .values_list("id", flat=True)
    )
    rows = [_row(number, ticket_id, customers) for number, ticket_id in zip(range(first, last + 1), ids, strict=True)]
    _write("tickets_ticket", _TICKET, _tickets(desk, rows), len(rows))
    _write("tickets_message", _MESSAGE, _messages(desk, rows), 3 * len(rows))
    people = ((r["id"], r["customer"], False, 1, r["created"]) for r in rows)
    _write("tickets_participant", _PARTICIPANT, people, len(rows))
    NumberSequence.objects.update_or_create(desk=desk, defaults={"last": last})


def _reserve(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('tickets_ticket', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]


def _row(number: int, ticket_id: int, customers: list[int]) -> dict[str, Any]:
    draw = random.Random(number)  # noqa: S311 - the same load every time is the point
    created = START + timedelta(minutes=5 * number)
    texts = [" ".join(draw.choices(_WORDS, k=draw.randint(30, 60))).capitalize() + "." for _ in range(3)]
    if number % 500 == 0:
        texts[1] += " Нужен экскаватор срочно."
    return {
        "id": ticket_id,
        "number": number,
        "customer": customers[(number * 7919) % len(customers)],
        "open": draw.random() < 0.1,
        "subject": f"{draw.choice(_NOUNS)} {draw.choice(_VERBS)} {number}",
        "texts": texts,
        "created": created,
        "updated": created + timedelta(minutes=draw.randint(30, 3000)),
    }


def _tickets(desk: Desk, rows: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    new, done = first_status(desk), desk.statuses.get(category=Status.Category.DONE)
    priority, member = default_priority(desk), desk.memberships.get().person_id
    kind = desk.request_types.order_by("position")[0].pk
    for r in rows:
        status = new if r["open"] else done
        closed = None if r["open"] else r["updated"]
        assignee = member if r["number"] % 3 == 0 else None
        yield (
            r["id"], desk.pk, r["number"], f"{desk.key}-{r['number']}", r["subject"], kind, r["customer"], status.pk,
            priority.pk, assignee, "mail", False, 4, r["created"], r["updated"], r["updated"], closed,
        )  # fmt: skip


def _messages(desk: Desk, rows: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    member = desk.memberships.get().person_id
    for r in rows:
        for place, text in enumerate(r["texts"]):
            author = member if place == 1 else r["customer"]
            at = r["created"] + (r["updated"] - r["created"]) * place / 2
            yield (r["id"], "public", place == 0, False, author, "", text, "", "plain", "", "", at)


def _write(table: str, columns: str, made: Iterator[tuple[Any, ...]], count: int) -> None:
    names = ", ".join(columns.split())
    # The rows ask the database while they are made, which a connection in the midst of COPY cannot answer.
    rows = list(made)
    shown = track(rows, description=table, total=count, console=Console(stderr=True), transient=True)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in shown:
            copy.write_row(row)
