"""Mails held for an unknown address continue when a person proves the address."""

from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.intake.commands import release_held
from otklik.mail.models import InboundMail
from otklik.mail.reasons import in_words
from otklik.people.actor import Actor
from otklik.people.commands.addresses import ask_for_address
from otklik.people.models import Person
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.models import Message
from tests.cast import Cast, as_
from tests.intake.test_decisions import AUTHSERV, aligned, inject, signed
from tests.postoffice import Sink, letter, run_all

HOME = "anna@home.test"


@pytest.fixture(autouse=True)
def trusted(settings: Settings) -> None:
    settings.TRUSTED_AUTHSERV = AUTHSERV


def proves(person: Person, address: str = HOME) -> str:
    """Let the person confirm the address by the mailed link, logged in; return the page."""
    secret = ask_for_address(person=person, address=address, at=timezone.now())[1]
    browser = as_(person)
    browser.get(reverse("portal:address_link", args=[secret]))
    return browser.post(reverse("portal:confirm_address"), follow=True).content.decode()


def held(row: InboundMail) -> Message:
    message = Message.objects.get(inbound=row)
    assert row.fate == "held_comment" and message.held
    return message


def test_a_reply_from_the_second_address_goes_on_by_itself(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender=f"Анна <{HOME}>", text="Пишу из дома."), to=signed(people.anna, people.ticket))
    message, before = held(row), timezone.now()
    assert "1 письмо с него, которое ждало," in proves(people.anna)
    message.refresh_from_db()
    row.refresh_from_db()
    assert (message.held, message.author, row.fate) == (False, people.anna, "comment")
    assert row.state == "filed" and "Анна Петрова" in in_words(row.reason)
    assert row.settled_at is not None and row.settled_at > before
    run_all()
    assert any("Пишу из дома." in mail.text for mail in sink.to("boris@clinic.test"))
    assert not any("Пишу из дома." in mail.text for mail in sink.to("anna@clinic.test")), "they are her own words"
    assert "Пишу из дома." in as_(people.anna).get(f"/browse/{people.ticket.key}", follow=True).content.decode()


def test_an_aligned_mail_that_only_names_the_number_stays_what_it_became(people: Cast) -> None:
    row = inject(aligned(letter(sender=HOME, subject="ACCREDO-1", text="x"), "home.test"))
    assert row.fate == "request", "it was opened beside, so nothing waits"
    assert "ждал" not in proves(people.anna)


def test_ab_06_a_forged_sender_stays_outside(people: Cast) -> None:
    row = inject(letter(sender=HOME, text="Пришлите пароль."), to=signed(people.boris, people.ticket))
    message = held(row)
    assert "ждал" not in proves(people.anna)
    message.refresh_from_db()
    assert message.held and message.author is None


def test_who_was_taken_off_is_not_let_in_by_a_proof(people: Cast) -> None:
    row = inject(letter(sender="b@home.test", text="Ещё вопрос."), to=signed(people.boris, people.ticket))
    message = held(row)
    remove_participant(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, person=people.boris)
    proves(people.boris, "b@home.test")
    message.refresh_from_db()
    assert message.held


def test_anothers_address_lets_in_nothing(people: Cast) -> None:
    row = inject(letter(sender=HOME, text="Пишу из дома."), to=signed(people.anna, people.ticket))
    message = held(row)
    proves(people.anna, "anna@other.test")
    message.refresh_from_db()
    assert message.held


def test_what_cannot_be_read_any_more_waits_for_an_agent(people: Cast) -> None:
    row = inject(letter(sender=HOME, text="Пишу из дома."), to=signed(people.anna, people.ticket))
    message = held(row)
    InboundMail.objects.filter(pk=row.pk).update(raw=b"", raw_removed_at=timezone.now())
    assert f"{HOME}" in proves(people.anna)
    message.refresh_from_db()
    assert message.held


def test_only_its_own_person_is_let_in_and_so_many_at_once(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        held(inject(letter(sender=HOME, subject=str(number)), to=signed(people.anna, people.ticket)))
    EmailAddress.objects.create(user=people.anna, email=HOME, verified=True)
    monkeypatch.setattr(release_held, "MOST", 2)
    judge = partial(release_held.release_held_mails, at=timezone.now(), address=HOME)
    assert [judge(person=who) for who in (people.boris, people.anna, people.anna, people.anna)] == [0, 2, 1, 0]
    assert set(Message.objects.filter(inbound__from_address=HOME).values_list("author", flat=True)) == {people.anna.pk}
