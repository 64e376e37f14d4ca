"""Who is known to have written: only people who proved it by a mail."""

import pytest
from pytest_django.fixtures import Settings

from otklik.mail.models import AddressTrouble
from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.models import Message
from tests.cast import START, Cast
from tests.intake.test_decisions import AUTHSERV, aligned, inject, signed
from tests.postoffice import letter


@pytest.fixture(autouse=True)
def trusted(settings: Settings) -> None:
    settings.TRUSTED_AUTHSERV = AUTHSERV


def test_ab_88_only_a_mail_that_its_sender_proved_makes_them_known(people: Cast) -> None:
    fresh = [f"new{number}@clinic.test" for number in range(3)]
    inject(letter(sender=fresh[0], subject="Первый"))
    inject(aligned(letter(sender=fresh[1], subject="Второй"), "clinic.test"))
    ensure_person(address=fresh[2], name="", at=START)
    known = Person.objects.exclude(heard_at=None).filter(email__in=fresh)
    assert list(known.values_list("email", flat=True)) == [fresh[1]]


def test_whoever_answers_by_mail_is_known_and_their_address_takes_mail_again(people: Cast) -> None:
    vera = ensure_person(address="vera@clinic.test", name="", at=START)[0]
    add_participant(actor=Actor(people.agent, "agent"), at=START, ticket=people.ticket, person=vera)
    for address in ("vera@clinic.test", "boris@clinic.test"):
        AddressTrouble.objects.create(address=address, last_at=START, stopped_at=START)
    row = inject(letter(sender="vera@clinic.test", text="Это я"), to=signed(vera, people.ticket))
    assert row.fate == "comment"
    assert Person.objects.get(pk=vera.pk).heard_at == Message.objects.get(inbound=row).created_at
    assert list(AddressTrouble.objects.values_list("address", flat=True)) == ["boris@clinic.test"]


def test_a_mail_whose_domain_only_was_proved_says_nothing_of_the_way_back(people: Cast) -> None:
    AddressTrouble.objects.create(address="anna@clinic.test", last_at=START, stopped_at=START)
    row = inject(aligned(letter(subject="по поводу ACCREDO-1", text="Ещё вопрос"), "clinic.test"))
    assert (row.fate, row.level) == ("comment", "aligned")
    assert AddressTrouble.objects.exists()
