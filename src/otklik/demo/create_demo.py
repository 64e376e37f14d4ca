"""Set up the demo: the desk ACCREDO, and a second one with a history."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from otklik.demo.canned_answers import add_canned_answers
from otklik.demo.clinic_desk import add_clinic
from otklik.demo.example_mails import add_mails
from otklik.desks.commands.create import add_desk, set_role
from otklik.desks.models import Desk, RequestType
from otklik.people.actor import Actor, system
from otklik.people.commands.persons import ensure_person, grant
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import assign
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.status import allowed_transitions, change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Ticket

KEY = "ACCREDO"
NAME = "Непрерывное медицинское образование в части подсистемы аккредитации"
ADDRESS = "accredo@desk.example"
PHONE = "+7 495 000-00-00"
PASSWORD = "otklik-demo-2026"  # noqa: S105 - printed at every start of the demo, and only there
AGENT = ("agent@desk.example", "Ольга Смирнова")
LEAD = ("lead@desk.example", "Игорь Белов")
ADMIN = ("admin@desk.example", "Павел Громов")
CUSTOMER = ("ivanova@clinic.example", "Мария Иванова")


@dataclass(frozen=True, slots=True)
class DemoInfo:
    """What `otklik up --demo` prints: where the demo is, and its logins."""

    desk_id: int
    queue_id: int
    address: str
    password: str
    agent: str
    lead: str
    admin: str
    customer: str


def create_demo() -> DemoInfo:
    """Create the demo's desks, people and tickets unless they exist; return the logins."""
    desk = Desk.objects.filter(key=KEY).first()
    if desk is None:
        with transaction.atomic():
            desk = add_desk(
                actor=system("demo"),
                at=timezone.now(),
                key=KEY,
                name=NAME,
                address=ADDRESS,
                phone=PHONE,
                language="ru",
                told=Desk.Told.EVERYBODY,
            )
            agent, lead, customer = _people_and_requests(desk)
            add_clinic(agent=agent, lead=lead, customer=customer)
            for made in Desk.objects.order_by("id"):
                add_canned_answers(made)
        add_mails(agent)
    queue = desk.queues.order_by("position")[0]
    return DemoInfo(desk.pk, queue.pk, ADDRESS, PASSWORD, AGENT[0], LEAD[0], ADMIN[0], CUSTOMER[0])


def _people_and_requests(desk: Desk) -> tuple[Person, Person, Person]:
    """Create agent, lead, customer, three tickets, and an administrator who works at no desk."""
    at = timezone.now()
    agent, lead, customer = (_person(address, name) for address, name in (AGENT, LEAD, CUSTOMER))
    grant(person=_person(*ADMIN), at=at, admin=True)
    for person, role in ((agent, "agent"), (lead, "lead")):
        set_role(actor=system("demo"), at=at, desk=desk, person=person, role=role)
    types = list(desk.request_types.order_by("position"))
    first = _open(desk, customer, types[0], "Не открывается протокол заседания", _PROTOCOL)
    _open(desk, customer, types[1], "Как добавить члена комиссии?", _MEMBER)
    _open(desk, customer, types[2], "Учетная запись для нового секретаря", _ACCOUNT)
    by_agent = Actor(agent, "demo")
    transition = next(
        transition for transition in allowed_transitions(by_agent, first) if transition.name == "Взять в работу"
    )
    change_status(actor=by_agent, at=timezone.now(), ticket=first, transition=transition)
    assign(actor=by_agent, at=timezone.now(), ticket=first, assignee=agent)
    comment(actor=by_agent, at=timezone.now(), ticket=first, words=Words(_ANSWER))
    comment(actor=by_agent, at=timezone.now(), ticket=first, words=Words(_NOTE), kind=Message.Kind.INTERNAL)
    return agent, lead, customer


def _person(address: str, name: str) -> Person:
    person, _ = ensure_person(address=address, name=name, at=timezone.now(), language="ru")
    return grant(person=person, at=timezone.now(), password=PASSWORD)


def _open(desk: Desk, customer: Person, request_type: RequestType, subject: str, text: str) -> Ticket:
    return open_ticket(
        actor=Actor(customer, "demo"),
        at=timezone.now(),
        desk=desk,
        channel=Ticket.Channel.PORTAL,
        subject=subject,
        words=Words(text),
        requester=customer,
        request_type=request_type,
    )


_PROTOCOL = (
    "Здравствуйте!\n\nПри открытии протокола заседания комиссии появляется сообщение «Документ недоступен». "
    "Вчера всё работало.\n\nС уважением,\nМария Иванова"
)
_MEMBER = "Добрый день! Подскажите, пожалуйста, где добавить нового члена комиссии и какие документы приложить?"
_ACCOUNT = "Прошу создать учетную запись для секретаря комиссии: Петров Олег Викторович, petrov@clinic.example."
_ANSWER = (
    "Мария, здравствуйте!\n\nВидим ошибку на нашей стороне, исправляем. Ответим сегодня до 17:00.\n\n"
    "Ольга, служба технической поддержки"
)
_NOTE = "После вчерашнего обновления не запустилась служба хранения. Передала дежурному администратору."
