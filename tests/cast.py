"""The cast: the same people, desks and ticket for every test, made by the product's own commands."""

import os
import pickle
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client

from otklik.desks.commands.create import add_desk, set_role
from otklik.desks.models import Desk
from otklik.people.actor import Actor, system
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Ticket, TicketLink

PASSWORD = "сирень-цветёт-в-мае"
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NOTE_CANARY = "NOTE-9f3a"
# The file in OTKLIK_TEST_HOME that holds the pickled cast.
KEPT = "cast.pickle"


@dataclass
class Cast:
    """Two desks and the people related to one ticket of the first."""

    desk: Desk  # ACCREDO
    other_desk: Desk  # OTHER
    anna: Person  # the requester
    boris: Person  # a colleague it is shared with
    stranger: Person  # a customer with nothing to do with it
    agent: Person  # works at ACCREDO
    lead: Person  # leads ACCREDO
    agent_elsewhere: Person  # works at OTHER
    admin: Person  # the site's admin
    ticket: Ticket  # ACCREDO-1, with an opening, an agent's answer and an internal note holding NOTE_CANARY


def person(name: str, address: str, *, admin: bool = False) -> Person:
    """Create and return an activated person with PASSWORD and a verified address."""
    created, _ = ensure_person(address=address, name=name, at=START)
    created.set_password(PASSWORD)
    created.activated_at = START
    created.is_admin = admin
    created.save()
    EmailAddress.objects.filter(user=created).update(verified=True)
    return created


def as_(person: Person) -> Client:
    """Return a client in which this person is logged in."""
    client = Client()
    client.force_login(person)
    client.get("/robots.txt")  # the first request of a session saves it
    return client


def make_cast() -> Cast:
    """Create the cast by the product's commands."""
    actor = system("cli")
    desk = add_desk(
        actor=actor, at=START, key="ACCREDO", name="Аккредитация", address="accredo@desk.test", phone="+7 495 000-00-00"
    )
    other = add_desk(actor=actor, at=START, key="OTHER", name="Другая служба", address="other@desk.test")
    anna, boris = person("Анна Петрова", "anna@clinic.test"), person("Борис Щукин", "boris@clinic.test")
    stranger = person("Степан Чужой", "stranger@elsewhere.test")
    agent, lead = person("Глеб Орлов", "agent@desk.test"), person("Лидия Главная", "lead@desk.test")
    elsewhere, admin = person("Олег Дальний", "far@desk.test"), person("Ада Мин", "admin@desk.test", admin=True)
    for who, where, role in ((agent, desk, "agent"), (lead, desk, "lead"), (elsewhere, other, "agent")):
        set_role(actor=actor, at=START, desk=where, person=who, role=role)
    ticket = open_ticket(
        actor=Actor(anna, "portal"),
        at=START,
        desk=desk,
        channel=Ticket.Channel.PORTAL,
        subject="Не открывается протокол",
        words=Words("Здравствуйте! Протокол комиссии не открывается."),
        requester=anna,
        request_type=desk.request_types.order_by("position")[0],
    )
    add_participant(actor=Actor(agent, "agent"), at=START, ticket=ticket, person=boris, sees_all=True)
    comment(actor=Actor(agent, "agent"), at=START, ticket=ticket, words=Words("Смотрим, ответим сегодня."))
    comment(
        actor=Actor(agent, "agent"),
        at=START,
        ticket=ticket,
        words=Words(f"Похоже на ошибку сервера {NOTE_CANARY}"),
        kind=Message.Kind.INTERNAL,
    )
    ticket.refresh_from_db()
    return Cast(desk, other, anna, boris, stranger, agent, lead, elsewhere, admin, ticket)


def build_cast() -> Cast:
    """Insert the rows that `make_cast` made once for this run (tests/ready.py) and return the same objects."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ready.put_cast()")
    stored: Cast = pickle.loads(_pickled_cast())
    return stored


@cache
def _pickled_cast() -> bytes:
    return (Path(os.environ["OTKLIK_TEST_HOME"]) / KEPT).read_bytes()


def came_of(ticket: Ticket | None) -> Ticket | None:
    """Return the ticket to which this one was linked when it was opened."""
    link = TicketLink.objects.filter(source=ticket, kind=TicketLink.Kind.RELATES).select_related("target").first()
    return link.target if link else None


@pytest.fixture
def cast(db: None) -> Cast:
    """Return the cast, in this test's database."""
    return build_cast()
