"""The demo's second desk: a hospital's IT support with three weeks of tickets.

The first desk, ACCREDO, keeps its three requests: the story that everybody is told begins with ACCREDO-4.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from otklik.demo.clinic_cases import ACCESS, CALLER, CASES, CLERK, DOCTOR, IVANOVA, OTHER, PEOPLE, Case
from otklik.demo.clinic_form import FIELDS
from otklik.desks.commands.create import add_desk, set_role
from otklik.desks.commands.forms import add_field, add_group, change_field, change_type
from otklik.desks.commands.settings import change_desk
from otklik.desks.models import Desk, Field, RequestType
from otklik.intake.commands.senders import rule_sender
from otklik.journal.models import Event
from otklik.people.actor import Actor, system
from otklik.people.commands.organizations import add_organization, set_member
from otklik.people.commands.persons import add_caller, ensure_person, mark_heard
from otklik.people.commands.phones import add_phone
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import assign
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.rate import rate
from otklik.tickets.commands.status import allowed_transitions, change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Message, NumberSequence, Ticket
from otklik.tickets.read_marks import look_at_all

KEY = "CLINIC"
NAME = "Информационные системы клиники"
ADDRESS = "clinic@desk.example"
PHONE = "+7 495 000-00-01"
TYPES = (
    ("Сбой в информационной системе", "Программа не работает или работает не так", "bug"),
    ("Оборудование", "Компьютеры, принтеры, сканеры, телефоны", "device-desktop"),
    ("Доступ к информационной системе", "Открыть или изменить доступ сотруднику; нужно согласование", "key"),
)
ENGLISH = (
    ("Failure of an information system", "A program does not work, or not as it should"),
    ("Equipment", "Computers, printers, scanners, phones"),
    ("Access to an information system", "Give or change somebody's access; needs an approval"),
)
# Help texts of the description fields.
DESCRIPTIONS = (
    (
        "Что вы делали, чего ожидали и что произошло? Очень помогает текст ошибки.",
        "What did you do, what did you expect, and what happened? The words of the error help a lot.",
    ),
    (
        "Какое устройство, в каком кабинете оно стоит и что с ним не так?",
        "Which device, in which room does it stand, and what is wrong with it?",
    ),
    (
        "Для какой работы нужен доступ? Остальное спросят поля ниже.",
        "For which work is the access needed? The fields below ask for the rest.",
    ),
)
_DESK_IN_ENGLISH = {
    "name": "Information systems of the clinic",
    "welcome": "Here the staff of the clinic gets help: with programs, equipment and access.",
    "announcement": "On Saturday from 10 p.m. to midnight the server is updated: the clinic's systems will be away.",
}
_GROUPS = (("Если что-то сломалось", "If something is broken"), ("Доступ и права", "Access and rights"))
STEPS = {"take": "Взять в работу", "wait": "Ждать ответа заявителя", "close": "Закрыть"}
NUMBERED = 200
BETWEEN = timedelta(minutes=95)


def add_clinic(*, agent: Person, lead: Person, customer: Person) -> None:
    """Create the desk, its organisation and its past tickets, without mails about the past."""
    now = timezone.now()
    with transaction.atomic():
        desk = add_desk(
            actor=system("demo"),
            at=now,
            key=KEY,
            name=NAME,
            address=ADDRESS,
            phone=PHONE,
            language="ru",
            told=Desk.Told.EVERYBODY,
        )
        for person, role in ((agent, "agent"), (lead, "lead")):
            set_role(actor=system("demo"), at=now, desk=desk, person=person, role=role)
        people = _people(now) | {IVANOVA: customer}
        _organization(people, now)
        _settings(desk, Actor(lead, "demo"), customer, now)
        # Its numbers start elsewhere, so that «4» finds only ACCREDO-4.
        NumberSequence.objects.update_or_create(desk=desk, defaults={"last": NUMBERED})
        for case in CASES:
            _past(desk, case, people, agent, now)
        Event.objects.filter(subject_kind="ticket", at__lt=now - timedelta(hours=1)).update(dispatched_at=now)
        look_at_all(person=customer, at=now - timedelta(hours=1))


def _people(now: datetime) -> dict[str, Person]:
    people = {}
    for short, (address, name) in PEOPLE.items():
        caller = short == CALLER
        people[short] = (
            add_caller(name=name, at=now) if caller else ensure_person(address=address, name=name, at=now)[0]
        )
    mark_heard(persons=[people[short] for short in (DOCTOR, CLERK, OTHER)], at=now)
    add_phone(actor=system("demo"), at=now, person=people[CALLER], number="+7 495 000-12-34")
    return people


def _organization(people: dict[str, Person], now: datetime) -> None:
    """Create the clinic as an organization, whose members may see each other's requests."""
    clinic = add_organization(
        actor=system("demo"), at=now, name="Городская клиническая больница № 7", domains=["clinic.example"]
    )
    for person in people.values():
        if person.email and person.email.endswith("@clinic.example"):
            sees_all = person == people[IVANOVA]
            set_member(actor=system("demo"), at=now, organization=clinic, person=person, sees_all=sees_all)


def _settings(desk: Desk, lead: Actor, approver: Person, now: datetime) -> None:
    """Configure the desk: types, a form, groups, an announcement, sender rules."""
    announcement = "В субботу с 22:00 до 24:00 обновляется сервер: системы клиники будут недоступны."
    welcome = "Здесь помогают сотрудникам клиники: с программами, техникой и доступом."
    texts = {**desk.texts, "en": {**desk.texts["en"], **_DESK_IN_ENGLISH}}
    change_desk(
        actor=lead, at=now, desk=desk, values={"announcement": announcement, "welcome": welcome, "texts": texts}
    )
    types = list(desk.request_types.filter(hidden=False).order_by("position"))
    for request_type, (name, help_line, icon), (english, help_english) in zip(types, TYPES, ENGLISH, strict=True):
        values: dict[str, Any] = {"name": name, "help": help_line, "icon": icon}
        values["texts"] = {"en": {"name": english, "help": help_english}}
        request_type.form_fields.exclude(key__in=("summary", "description", "attachments")).update(archived=True)
        change_type(
            actor=lead,
            at=now,
            request_type=request_type,
            values={**values, "name": name, "help": help_line, "icon": icon},
        )
    for request_type, (hint, english) in zip(types, DESCRIPTIONS, strict=True):
        values = {"help": hint, "texts": {"en": {"help": english}}}
        change_field(actor=lead, at=now, field=request_type.form_fields.get(key="description"), values=values)
    approval = {"approval_rule": "one", "approvers": [approver.pk]}
    change_type(actor=lead, at=now, request_type=types[ACCESS], values=approval)
    _form(types[ACCESS], lead, now)
    for (name, english), chosen in zip(_GROUPS, (types[:ACCESS], types[ACCESS:]), strict=True):
        values = {
            "name": name,
            "types": [request_type.pk for request_type in chosen],
            "texts": {"en": {"name": english}},
        }
        add_group(actor=lead, at=now, desk=desk, values=values)
    rule_sender(actor=lead, at=now, desk=desk, pattern="@reklama.example", verdict="block")
    rule_sender(actor=lead, at=now, desk=desk, pattern="monitoring@clinic.example", verdict="allow")


def _form(kind: RequestType, lead: Actor, now: datetime) -> None:
    """A form with fields of many kinds, one shown only for one answer."""
    chosen: dict[str, Field] = {}
    for of, label, values in FIELDS:
        chosen[label] = add_field(actor=lead, at=now, request_type=kind, kind=of, label=label)
        change_field(actor=lead, at=now, field=chosen[label], values=values)
    other = {"condition_key": chosen["Система"].key, "condition_values": ["4"]}
    change_field(actor=lead, at=now, field=chosen["Какая система"], values=other)


def _past(desk: Desk, case: Case, people: dict[str, Person], agent: Person, now: datetime) -> None:
    """Open a ticket in the past and do its steps."""
    at = now - timedelta(hours=case.hours)
    kind = desk.request_types.order_by("position")[case.of]
    keys = {field.label: field.key for field in kind.form_fields.all()}
    ticket = open_ticket(
        actor=Actor(agent if case.channel == Ticket.Channel.PHONE else people[case.who], "demo"),
        at=at,
        desk=desk,
        channel=case.channel,
        subject=case.subject,
        words=Words(case.text),
        requester=people[case.who],
        request_type=kind,
        priority=desk.priorities.get(level=case.priority),
        answers={keys[label]: value for label, value in case.answers.items()},
    )
    for step, text in case.steps:
        at += BETWEEN
        _step(ticket, step, text, people[case.who], agent, at)


def _step(ticket: Ticket, step: str, text: str, requester: Person, agent: Person, at: datetime) -> None:
    by_agent, by_customer = Actor(agent, "demo"), Actor(requester, "demo")
    content = Words(text)
    ticket.refresh_from_db()
    if step in STEPS:
        transition = next(
            transition for transition in allowed_transitions(by_agent, ticket) if transition.name == STEPS[step]
        )
        change_status(actor=by_agent, at=at, ticket=ticket, transition=transition, words=content if text else None)
        if step == "take":
            assign(actor=by_agent, at=at, ticket=ticket, assignee=agent)
    elif step.startswith("rate"):
        rate(actor=by_customer, at=at, ticket=ticket, score=int(step[-1]), words=text)
    elif step == "note":
        comment(actor=by_agent, at=at, ticket=ticket, words=content, kind=Message.Kind.INTERNAL)
    else:
        comment(actor=by_customer if step == "reply" else by_agent, at=at, ticket=ticket, words=content)
