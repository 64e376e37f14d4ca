"""Sharing and held replies with unknown people: who sees what, who is removed, whose address it is."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from otklik.desks.commands.create import set_role
from otklik.desks.commands.members import take_role
from otklik.mail.models import OutboundMail
from otklik.notify.commands.addresses import ask_for_address
from otklik.notify.texts.plain_names import is_plain_name
from otklik.people.actor import Actor, system
from otklik.people.models import AccountToken, Person
from otklik.tickets.access import readable_messages
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.commands.share import share_with_address
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Participant
from tests.cast import Cast, as_, person
from tests.intake.test_decisions import inject, signed
from tests.notify.test_no_relay import CANARY, VERA, a_day_passes, by_command, carried, kinds, quiet, says, share
from tests.portal.helpers import card
from tests.postoffice import Sink, letter, run_all
from tests.refusing import refused_as

__all__ = ["quiet"]
PRIVATE = "masha65@mail.test"


def held_reply(cast: Cast) -> Message:
    """Return the held message of the requester from a private address."""
    inject(letter(sender=PRIVATE, text="Это я, с другого адреса"), to=signed(cast.anna, cast.ticket))
    return Message.objects.get(held=True)


def test_a_reply_from_another_address_is_told_to_the_requester_in_one_line_a_day(people: Cast, quiet: Sink) -> None:
    held_reply(people)
    inject(letter(sender="other@mail.test", text="Ещё"), to=signed(people.anna, people.ticket))
    (told,) = quiet.to("anna@clinic.test")
    assert f"ответили с адреса {PRIVATE}" in told.text and "с другого адреса" not in told.text
    assert not quiet.to(PRIVATE)


def test_who_is_on_the_request_and_not_proved_is_no_other_address(people: Cast, quiet: Sink) -> None:
    inject(letter(sender="boris@clinic.test", text="Без подписи"), to=signed(people.anna, people.ticket))
    assert Message.objects.filter(held=True).exists() and not quiet.to("anna@clinic.test")


def test_a_held_reply_is_admitted_once_and_its_writer_stays_out(people: Cast, quiet: Sink) -> None:
    message = held_reply(people)
    page = as_(people.agent).get("/browse/ACCREDO-1").content.decode()
    assert "Принять один раз" in page and "Принять и добавить участником" in page and "спросить об адресе" in page
    as_(people.agent).post(f"/browse/ACCREDO-1/messages/{message.pk}/admit")
    assert not Message.objects.get(pk=message.pk).held
    assert not Participant.objects.filter(person__email=PRIVATE).exists()


def test_a_held_reply_is_admitted_with_its_writer_who_gets_the_answers(people: Cast, quiet: Sink) -> None:
    message = held_reply(people)
    as_(people.agent).post(f"/browse/ACCREDO-1/messages/{message.pk}/admit", {"join": "1"})
    row = Participant.objects.get(person__email=PRIVATE, removed_at=None)
    assert not Message.objects.get(pk=message.pk).held and row.added_by == people.agent
    comment(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, words=Words("Принято."))
    run_all()
    assert "Принято." in quiet.to(PRIVATE)[-1].text


def test_the_requester_is_asked_whether_the_address_is_theirs(people: Cast, quiet: Sink) -> None:
    message = held_reply(people)
    client = as_(people.agent)
    client.post(f"/browse/ACCREDO-1/messages/{message.pk}/ask-owner")
    run_all()
    assert "anna@clinic.test" in carried(quiet, PRIVATE) and CANARY not in carried(quiet, PRIVATE)
    assert AccountToken.objects.get(address=PRIVATE).person == people.anna
    assert Message.objects.get(pk=message.pk).held
    for who in (people.anna, people.agent_elsewhere):
        assert as_(who).post(f"/browse/ACCREDO-1/messages/{message.pk}/ask-owner").status_code == 404


def test_the_requester_shows_what_is_written_and_sees_who_reads_what(people: Cast, quiet: Sink) -> None:
    page = as_(people.anna).get(card(people)).content.decode()
    assert 'name="history" value="1" checked' in page and "весь запрос с файлами" in page
    share(people, "whole@clinic.test", history="1")
    share(people, "later@clinic.test")
    whole, later = (Person.objects.get(email=f"{word}@clinic.test") for word in ("whole", "later"))
    assert readable_messages(whole, people.ticket, as_agent=False).count() == 2
    assert readable_messages(later, people.ticket, as_agent=False).count() == 0
    page = as_(people.anna).get(card(people)).content.decode()
    assert "видит весь запрос" in page and "видит только новое" in page


def test_ab_01_only_the_requester_shows_what_was_written_before(people: Cast, quiet: Sink) -> None:
    assert 'name="history"' not in as_(people.boris).get(card(people)).content.decode()
    share(people, VERA, who=people.boris, history="1")
    vera = Person.objects.get(email=VERA)
    assert readable_messages(vera, people.ticket, as_agent=False).count() == 0
    actor, at = Actor(people.boris, "portal"), timezone.now()
    with refused_as("ticket.requester_only"):
        share_with_address(actor=actor, at=at, ticket=people.ticket, address="x@victim.test", history=True)
    with refused_as("ticket.staff_only"):
        add_participant(actor=actor, at=at, ticket=people.ticket, person=people.stranger, sees_all=True)


def test_thirty_people_are_on_a_request_and_not_one_more(people: Cast, quiet: Sink) -> None:
    for n in range(28):
        assert by_command(people, person(f"K{n}", f"k{n}@known.test").email or "", who=people.agent)
    assert Participant.objects.filter(ticket=people.ticket, removed_at=None).count() == 30
    for who in (people.anna, people.agent):
        with refused_as("ticket.too_many_people"):
            by_command(people, "one.more@known.test", who=who)
    answer = as_(people.anna).post(card(people, "/share"), {"email": "one.more@known.test"})
    assert answer.status_code == 422 and "слишком много" in answer.content.decode().lower()


@pytest.mark.parametrize("who", ["removed", "deactivated"])
def test_ab_07_who_is_out_shares_nothing(people: Cast, quiet: Sink, who: str) -> None:
    client = as_(people.boris)
    if who == "removed":
        as_(people.anna).post(card(people, f"/share/{people.boris.pk}/remove"))
    else:
        Person.objects.filter(pk=people.boris.pk).update(is_active=False)
    assert client.post(card(people, "/share"), {"email": VERA}).status_code in {302, 404}
    assert not Person.objects.filter(email=VERA).exists() and VERA not in carried(quiet, VERA)


def test_a_removed_participant_loses_the_request_from_every_list(people: Cast, quiet: Sink) -> None:
    client = as_(people.boris)
    lists = [f"/servicedesk/customer/user/requests{query}" for query in ("", "?reporter=all", "?reporter=participant")]
    assert any("ACCREDO-1" in client.get(page).content.decode() for page in lists)
    as_(people.anna).post(card(people, f"/share/{people.boris.pk}/remove"))
    assert not any("ACCREDO-1" in client.get(page).content.decode() for page in lists)
    assert client.get(card(people)).status_code == 404


def test_a_deactivated_person_named_in_copy_does_not_join(people: Cast, quiet: Sink) -> None:
    Person.objects.filter(pk=people.stranger.pk).update(is_active=False)
    inject(letter(text="Подключаю", Cc="stranger@elsewhere.test"), to=signed(people.anna, people.ticket))
    assert not Participant.objects.filter(ticket=people.ticket, person=people.stranger).exists()
    assert people.ticket.messages.latest("id").asked == ["stranger@elsewhere.test"]


def test_ab_35_an_address_to_be_added_is_asked_without_an_advertisement(people: Cast, quiet: Sink) -> None:
    asking = Actor(people.anna, "portal")
    ask_for_address(actor=asking, at=timezone.now(), person=people.anna, address=VERA)
    run_all()
    assert "anna@clinic.test" in carried(quiet, VERA) and CANARY not in carried(quiet, VERA)


def test_ab_32_ten_links_a_day_for_further_addresses_and_one_a_minute_for_a_mailbox(people: Cast, quiet: Sink) -> None:
    asking, at = Actor(people.anna, "portal"), timezone.now()
    for n in range(3):
        ask_for_address(actor=asking, at=at, person=people.anna, address=f"vera+{n}@victim.test")
    assert OutboundMail.objects.filter(kind="address_link").count() == 1
    AccountToken.objects.all().delete()
    for n in range(9):
        ask_for_address(actor=asking, at=at, person=people.anna, address=f"v{n}@victim.test")
        AccountToken.objects.all().delete()
    with refused_as("notify.too_many_links"):
        ask_for_address(actor=asking, at=at, person=people.anna, address="v10@victim.test")
    assert OutboundMail.objects.filter(kind="address_link").count() == 10
    tomorrow = at + timedelta(hours=24, minutes=1)
    ask_for_address(actor=asking, at=tomorrow, person=people.anna, address="v10@victim.test")


@pytest.mark.parametrize("name", ["Анна Петрова", "Мария О'Нил", "Ф. И. Салтыков-Щедрин", "Ли"])
def test_names_of_people(name: str) -> None:
    assert is_plain_name(name)


@pytest.mark.parametrize(
    "name",
    ["www.evil.test", "evil.test", "Анна http://x", "Звоните 8800", "Вы выиграли приз прямо сейчас", "a" * 41,
     "Анна <b>", "Анна!", "А@Б", "Бонус\u202eкод", "", "ＷＩＮ①", "t.me/x", "Анна, Борис"],
)  # fmt: skip
def test_ab_88_names_that_say_something(name: str) -> None:
    assert not is_plain_name(name)


def test_who_was_heard_before_is_known_after_the_upgrade(people: Cast) -> None:
    heard = import_module("otklik.tickets.migrations.0015_heard").HEARD
    boris = people.boris
    comment(actor=Actor(boris, "mail"), at=timezone.now(), ticket=people.ticket, words=Words("Да"))
    Person.objects.update(activated_at=None, heard_at=None)
    with connection.cursor() as cursor:
        cursor.execute(heard)
    known = set(Person.objects.exclude(heard_at=None).values_list("email", flat=True))
    # The requester's opening was on the portal: it says nothing of whose act it was.
    assert known == {"boris@clinic.test", "agent@desk.test"}


def test_whom_an_agent_brought_in_reads_words_also_after_the_agent_has_left(people: Cast, quiet: Sink) -> None:
    by_command(people, VERA, who=people.agent)
    take_role(actor=system("cli"), at=timezone.now(), desk=people.desk, person=people.agent)
    says(people, people.anna, "Приезжайте в пятницу")
    assert kinds(VERA)[-1] == "comment" and "Приезжайте в пятницу" in quiet.to(VERA)[-1].text


def test_what_an_agent_wrote_is_the_desks_also_where_they_left_before_it_was_mailed(people: Cast, quiet: Sink) -> None:
    Person.objects.filter(pk=people.anna.pk).update(heard_at=None, activated_at=None)
    actor, at = Actor(people.agent, "agent"), timezone.now()
    comment(actor=actor, at=at, ticket=people.ticket, words=Words("Приезжайте в пятницу"))
    take_role(actor=system("cli"), at=at, desk=people.desk, person=people.agent)
    run_all()
    mail = OutboundMail.objects.filter(recipient="anna@clinic.test").latest("id")
    assert "Приезжайте в пятницу" in mail.text and CANARY in mail.subject and mail.caused_by is None


def test_ab_88_whom_a_customer_brought_in_reads_no_words_also_after_they_work_at_the_desk(
    people: Cast, quiet: Sink
) -> None:
    by_command(people, VERA, who=people.boris)
    set_role(actor=system("cli"), at=timezone.now(), desk=people.desk, person=people.boris, role="agent")
    a_day_passes()
    says(people, people.anna, f"{CANARY} купите")
    assert "comment" not in kinds(VERA) and CANARY not in carried(quiet, VERA)
