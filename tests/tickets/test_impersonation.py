"""A customer named like an agent or the desk is marked as a customer wherever the name is shown."""

import pytest

from otklik.core.confusable_names import holds, looks
from otklik.desks.commands.members import take_role
from otklik.people.actor import Actor, system
from otklik.people.commands.persons import ensure_person
from otklik.tickets.commands.comment import comment, hold_comment
from otklik.tickets.content import Words
from otklik.tickets.models import Message
from tests.cast import START, Cast, as_
from tests.notify.test_no_relay import quiet
from tests.portal.helpers import card, inbound_mail
from tests.postoffice import Sink, intake, people, run_all, sink

__all__ = ["intake", "people", "quiet", "sink"]

# Names that read like «Глеб Орлов» of the desk «Аккредитация», whose address is accredo@desk.test.
POSING = [
    "Глеб Орлов",
    "глеб  ОРЛОВ",
    "Орлов Глеб",
    "Гл\u200bеб Орлов",
    "Глeб Opлoв",  # Latin e, O, p, o
    "Гле\u0301б Орлов",
    "Глеб Орлов (поддержка)",
    "\u202eГлеб Орлов",
    "АККРЕДИТАЦИЯ",
    "Aккpeдитaция",  # Latin A, p, e, a
    "accredo@desk.test",
    "Глёб Орлов",
]
HONEST = ["Анна Петрова", "Глеб Петров", "Орлов", "Глеб", "Борис Щукин", "Служба", "—"]


def says(cast: Cast, name: str) -> Message:
    cast.anna.name = name
    cast.anna.save()
    return comment(actor=Actor(cast.anna, "portal"), at=START, ticket=cast.ticket, words=Words("Пришлите пароль"))


def marks(cast: Cast) -> tuple[bool, bool]:
    """Return whether another customer's card and the agent's page show a warning."""
    portal, desk = as_(cast.boris).get(card(cast)), as_(cast.agent).get("/browse/ACCREDO-1")
    return "не из поддержки" in portal.content.decode(), "не сотрудник" in desk.content.decode()


@pytest.mark.parametrize("name", POSING)
def test_ab_17_a_customer_named_like_the_desk_is_marked_for_customers_and_agents(cast: Cast, name: str) -> None:
    says(cast, name)
    assert marks(cast) == (True, True)


@pytest.mark.parametrize("name", HONEST)
def test_ab_17_other_names_are_not_marked(cast: Cast, name: str) -> None:
    says(cast, name)
    assert marks(cast) == (False, False)


def test_ab_17_an_agent_bears_the_own_name_and_a_former_one_is_nobody_of_the_desk(cast: Cast) -> None:
    comment(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, words=Words("Ответ"))
    assert marks(cast) == (False, False)
    take_role(actor=system("cli"), at=START, desk=cast.desk, person=cast.agent)
    says(cast, "Глеб Орлов")
    assert "не из поддержки" not in as_(cast.boris).get(card(cast)).content.decode()


def test_ab_17_a_claimed_name_of_a_held_mail_is_marked_for_the_agent(cast: Cast) -> None:
    hold_comment(
        at=START,
        ticket=cast.ticket,
        words=Words("Это я"),
        claimed_author="Глеб Орлов <x@evil.test>",
        inbound=inbound_mail(),
        why="",
    )
    assert marks(cast) == (False, True)


def test_ab_17_a_mail_says_that_the_name_is_a_customers(people: Cast, quiet: Sink) -> None:
    says(people, "Глeб Opлoв")
    run_all()
    (told,) = quiet.to("boris@clinic.test")
    assert "Глeб Opлoв (клиент, не сотрудник поддержки)" in told.text


def test_ab_17_without_a_name_nobody_poses() -> None:
    assert not holds(looks("\u200b"), looks("—")) and looks("Семён") == looks("семен")


def test_ab_17_a_new_customer_is_marked_from_the_first_mail(cast: Cast) -> None:
    who, _made = ensure_person(address="x@evil.test", name="Лидия Главная", at=START)
    cast.ticket.requester = who
    cast.ticket.save()
    Message.objects.filter(ticket=cast.ticket, opening=True).update(author=who)
    assert marks(cast) == (True, True)
