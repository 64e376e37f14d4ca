"""The desk is no mail relay: what a customer can send to people who never wrote, and how often (ADR 50).

All limits are literals here: a changed default must fail.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.desks.commands.settings import change_desk
from otklik.desks.models import Desk
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor, system
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Organization, Person
from otklik.tickets.commands.comment import admit_message, comment
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.share import share_with_address
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Participant, Ticket
from otklik.tickets.ratings import entry_token
from tests.cast import START, Cast, as_, person
from tests.intake.test_decisions import inject, signed
from tests.portal.helpers import card
from tests.postoffice import Sink, letter, run_all
from tests.refusing import refused_as

CANARY = "CANARY"
VERA = "vera@victim.test"


@pytest.fixture
def quiet(people: Cast, sink: Sink) -> Sink:
    """Return the sink, after the mails caused by the cast itself; the ticket's subject and the requester's name are
    advertisements."""
    cache.clear()
    run_all()
    Ticket.objects.filter(pk=people.ticket.pk).update(subject=f"{CANARY} subject www.evil.test")
    Person.objects.filter(pk=people.anna.pk).update(name=f"{CANARY} call 8-800 www.evil.test")
    people.ticket.refresh_from_db()
    people.anna.refresh_from_db()
    sink.taken.clear()
    return sink


def share(cast: Cast, address: str, who: Person | None = None, **more: str) -> int:
    """Submit «Поделиться» on the card; return the status code."""
    return as_(who or cast.anna).post(card(cast, "/share"), {"email": address, **more}).status_code


def by_command(cast: Cast, address: str, who: Person | None = None, ticket: Ticket | None = None) -> bool:
    actor = Actor(who or cast.anna, "portal")
    return share_with_address(actor=actor, at=timezone.now(), ticket=ticket or cast.ticket, address=address)


def says(cast: Cast, who: Person, text: str) -> None:
    comment(actor=Actor(who, "portal"), at=timezone.now(), ticket=cast.ticket, words=Words(text))
    run_all()


def a_day_passes() -> None:
    """Move everything sent and shared more than a day back."""
    OutboundMail.objects.update(created_at=timezone.now() - timedelta(hours=24, minutes=1))
    Participant.objects.update(added_at=timezone.now() - timedelta(hours=24, minutes=1))


def kinds(address: str) -> list[str]:
    return list(OutboundMail.objects.filter(recipient=address).order_by("id").values_list("kind", flat=True))


def carried(sink: Sink, address: str) -> str:
    """Return everything that reached the address, decoded and raw."""
    mails = sink.to(address)
    files = [str(part.get_filename()) for mail in mails for part in mail.message.walk()]
    return "\n".join([*(f"{m.subject}{m.message['From']}{m.text}{m.html}{m.raw!r}" for m in mails), *files])


def other_ticket(cast: Cast, who: Person | None = None) -> Ticket:
    owner = who or cast.anna
    return open_ticket(
        actor=Actor(owner, "portal"),
        at=timezone.now(),
        desk=cast.desk,
        channel=Ticket.Channel.PORTAL,
        subject="Ещё",
        words=Words("Ещё"),
        requester=owner,
    )


def test_ab_88_a_shared_request_says_who_and_which_and_nothing_else(people: Cast, quiet: Sink) -> None:
    assert share(people, VERA, history="1") == 302
    run_all()
    (mail,) = quiet.to(VERA)
    assert CANARY not in carried(quiet, VERA) and "evil" not in carried(quiet, VERA)
    for shown in ("ACCREDO-1", "«Аккредитация»", "anna@clinic.test", "код для входа", "просто ответьте"):
        assert shown in mail.text, shown
    row = Participant.objects.get(person__email=VERA)
    assert f"&to={entry_token(row)}" in mail.text


def test_ab_88_words_and_files_wait_until_the_stranger_answers(people: Cast, quiet: Sink, home: Path) -> None:
    share(people, VERA)
    files = SimpleUploadedFile(f"{CANARY}.html", b"<b>CANARY</b>")
    as_(people.anna).post(card(people, "/comment"), {"comment": f"{CANARY} купите", "attachments": files})
    run_all()
    assert kinds(VERA) == ["added"]
    a_day_passes()
    says(people, people.anna, f"{CANARY} снова")
    assert kinds(VERA) == ["added", "unread"] and CANARY not in carried(quiet, VERA)
    vera = Person.objects.get(email=VERA)
    assert inject(letter(sender=VERA, text="Я здесь."), to=signed(vera, people.ticket)).fate == "comment"
    says(people, people.anna, f"{CANARY} теперь можно")
    assert kinds(VERA)[-1] == "comment" and f"{CANARY} теперь можно" in quiet.to(VERA)[-1].text


def test_words_come_once_the_stranger_logged_in_by_the_code(people: Cast, quiet: Sink) -> None:
    share(people, VERA)
    run_all()
    link = re.search(r"https?://[^/\s]+(/servicedesk\S+)", quiet.to(VERA)[0].text)
    assert link
    client = Client()
    wall = client.get(link[1], follow=True)
    page = wall.content.decode()
    assert "Вы ещё не задали пароль" in page and "v…@victim.test" in page and VERA not in page
    token = re.search(r'name="to" value="([^"]+)"', page)
    assert token
    answer = client.post(
        "/servicedesk/customer/user/login/code", {"to": token[1], "next": link[1].replace("&amp;", "&")}
    )
    assert answer.status_code == 302
    run_all()
    code = re.search(r"^([\d-]{8,})$", quiet.to(VERA)[-1].text, re.M)
    assert code
    client.post(answer["Location"], {"code": code[0]})
    assert client.get(card(people)).status_code == 200
    says(people, people.anna, f"{CANARY} привет")
    assert f"{CANARY} привет" in quiet.to(VERA)[-1].text


def test_ab_88_an_agent_s_answer_reaches_the_stranger_without_the_customer_s_subject(people: Cast, quiet: Sink) -> None:
    share(people, VERA)
    says(people, people.agent, "Смотрим ваш протокол.")
    assert kinds(VERA) == ["added", "comment"]
    assert "Смотрим ваш протокол." in quiet.to(VERA)[-1].text and CANARY not in carried(quiet, VERA)


def test_whom_an_agent_adds_gets_every_word(people: Cast, quiet: Sink) -> None:
    vera = ensure_person(address=VERA, name="", at=START)[0]
    add_participant(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, person=vera)
    says(people, people.anna, "Первое")
    says(people, people.anna, "Второе")
    assert kinds(VERA) == ["added", "comment", "comment"] and "Второе" in quiet.to(VERA)[-1].text


def test_what_an_agent_shares_says_who_shares_it_and_what_it_is_about(people: Cast, quiet: Sink) -> None:
    inject(letter(sender="Ольга <olga@clinic.test>", subject="Не печатает", text="Помогите"))
    ticket = Ticket.objects.get(subject="Не печатает")
    assert ticket.sender_unverified
    vera, agent = ensure_person(address=VERA, name="", at=START)[0], Actor(people.agent, "agent")
    add_participant(actor=agent, at=timezone.now(), ticket=ticket, person=vera)
    run_all()
    (mail,) = quiet.to(VERA)
    assert mail.subject == f"{ticket.key} Не печатает"
    assert f"Глеб Орлов показывает вам запрос {ticket.key}" in mail.text and "Не печатает" in mail.text
    assert "Всё, что напишут дальше, будет приходить вам по почте." in mail.text and "Не ждали" not in mail.text


def test_ab_88_an_admitted_message_is_no_way_around(people: Cast, quiet: Sink) -> None:
    share(people, VERA)
    inject(letter(sender="x@evil.test", text=f"{CANARY} чужое"), to=signed(people.anna, people.ticket))
    held = Message.objects.get(held=True)
    admit_message(actor=Actor(people.agent, "agent"), at=timezone.now(), message=held)
    run_all()
    assert any("чужое" in mail.text for mail in quiet.to("boris@clinic.test"))
    assert CANARY not in carried(quiet, VERA)


def test_ab_88_a_mail_in_somebody_s_name_does_not_make_them_known(people: Cast, quiet: Sink) -> None:
    row = inject(letter(sender=VERA, subject="Купите", Message_ID="<forged@evil.test>"))
    vera = Person.objects.get(email=VERA)
    assert row.level == "claimed" and not vera.is_heard
    share(people, VERA)
    says(people, people.anna, f"{CANARY} вот")
    assert CANARY not in carried(quiet, VERA)


def test_ab_88_on_behalf_of_a_colleague_who_never_wrote_travels_no_word(people: Cast, quiet: Sink) -> None:
    vera = ensure_person(address=VERA, name="", at=START)[0]
    Organization.objects.create(name="Клиника").members.add(people.anna, vera)
    ticket = open_ticket(
        actor=Actor(people.anna, "portal"),
        at=timezone.now(),
        desk=people.desk,
        channel=Ticket.Channel.PORTAL,
        subject=f"{CANARY} тема",
        words=Words(CANARY),
        requester=vera,
        participants=[people.anna],
    )
    run_all()
    comment(actor=Actor(people.anna, "portal"), at=timezone.now(), ticket=ticket, words=Words(CANARY))
    run_all()
    assert kinds(VERA) == ["accepted"] and CANARY not in carried(quiet, VERA)
    comment(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=ticket, words=Words("Принято."))
    run_all()
    assert "Принято." in quiet.to(VERA)[-1].text and CANARY not in carried(quiet, VERA)
    assert not Person.objects.get(pk=vera.pk).is_heard


def test_ab_90_one_mail_a_day_however_often_it_is_shared(people: Cast, quiet: Sink) -> None:
    for _again in range(4):
        share(people, VERA)
        run_all()
        vera = Person.objects.get(email=VERA)
        as_(people.anna).post(card(people, f"/share/{vera.pk}/remove"))
    assert kinds(VERA) == ["added"]
    a_day_passes()
    share(people, VERA)
    run_all()
    assert kinds(VERA) == ["added", "added"]


def test_ab_90_one_customer_writes_a_stranger_three_times_a_day_on_all_requests(people: Cast, quiet: Sink) -> None:
    for ticket in [people.ticket, *(other_ticket(people) for _n in range(4))]:
        by_command(people, VERA, ticket=ticket)
        run_all()
    assert kinds(VERA) == ["added"] * 3
    assert Participant.objects.filter(person__email=VERA).count() == 5


def test_ab_22_plus_addresses_are_one_mailbox(people: Cast, quiet: Sink) -> None:
    for tail in "abc":
        share(people, f"vera+{tail}@victim.test")
        run_all()
    assert OutboundMail.objects.filter(recipient__endswith="@victim.test").count() == 1


def test_ab_22_one_mail_that_names_a_mailbox_twice_and_many_requests_at_once(people: Cast, quiet: Sink) -> None:
    cc = "vera@victim.test, vera+1@victim.test, Vera+2@victim.test"
    inject(letter(text="x", Cc=cc), to=signed(people.anna, people.ticket))
    assert OutboundMail.objects.filter(recipient__endswith="@victim.test").count() == 1
    for ticket in [other_ticket(people) for _n in range(5)]:
        by_command(people, "other@victim.test", ticket=ticket)
    run_all()  # all of them in one batch
    assert kinds("other@victim.test") == ["added"] * 3


def test_ab_20_ten_newcomers_a_day_and_the_eleventh_is_told_with_nothing_lost(people: Cast, quiet: Sink) -> None:
    for n in range(10):
        assert share(people, f"new{n}@victim.test") == 302
    answer = as_(people.anna).post(card(people, "/share"), {"email": "eleventh@victim.test", "history": "1"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "столько новых людей" in page and 'value="eleventh@victim.test"' in page
    assert not Participant.objects.filter(person__email="eleventh@victim.test").exists()
    # Another request is no way around; who is known, and what an agent does, is not bound.
    with refused_as("ticket.too_many_new_people"):
        by_command(people, "eleventh@victim.test", ticket=other_ticket(people))
    assert by_command(people, people.stranger.email or "")
    assert by_command(people, "eleventh@victim.test", who=people.agent)
    run_all()
    assert len([mail for mail in quiet.taken if mail.recipients[0].startswith("new")]) == 10


def test_ab_20_the_day_of_a_newcomer_ends_after_24_hours(people: Cast, quiet: Sink) -> None:
    for n in range(10):
        by_command(people, f"new{n}@victim.test")
    Participant.objects.filter(person__email__startswith="new").update(
        added_at=timezone.now() - timedelta(hours=23, minutes=50)
    )
    with refused_as("ticket.too_many_new_people"):
        by_command(people, "late@victim.test")
    Participant.objects.filter(person__email="new0@victim.test").update(
        added_at=timezone.now() - timedelta(hours=24, minutes=1)
    )
    assert by_command(people, "late@victim.test")
    with refused_as("ticket.too_many_new_people"):
        by_command(people, "later@victim.test")


def test_ab_20_the_lead_raises_it_and_takes_it_back(people: Cast, quiet: Sink) -> None:
    assert Desk.objects.get(pk=people.desk.pk).newcomers_a_day == 10
    page = as_(people.lead).get("/projects/ACCREDO/settings").content.decode()
    assert 'name="newcomers_a_day" value="10"' in page
    change_desk(actor=Actor(people.lead, "agent"), at=timezone.now(), desk=people.desk, values={"newcomers_a_day": 2})
    assert "Сколько новых людей" in as_(people.lead).get("/projects/ACCREDO/settings/history").content.decode()
    by_command(people, "a@victim.test")
    by_command(people, "b@victim.test")
    with refused_as("ticket.too_many_new_people"):
        by_command(people, "c@victim.test")
    event = Event.objects.filter(kind="desk.changed").latest("id")
    as_(people.lead).post(f"/projects/ACCREDO/settings/history/{event.pk}/undo")
    people.ticket.desk.refresh_from_db()
    assert by_command(people, "c@victim.test")


def test_ab_22_the_customers_of_one_domain_bring_ten_times_as_many(people: Cast, quiet: Sink) -> None:
    change_desk(actor=system("cli"), at=timezone.now(), desk=people.desk, values={"newcomers_a_day": 1})
    many = [person(f"N{n}", f"n{n}@{'sub.' if n % 2 else ''}sock.test") for n in range(11)]
    for n, who in enumerate(many[:10]):
        assert by_command(people, f"v{n}@victim.test", who=who, ticket=other_ticket(people, who))
    with refused_as("ticket.too_many_new_people"):
        by_command(people, "v10@victim.test", who=many[10], ticket=other_ticket(people, many[10]))
    assert by_command(people, "v10@victim.test")


def test_ab_20_by_copy_the_same_ten_join_and_the_sender_hears_of_the_others(people: Cast, quiet: Sink) -> None:
    for word in "ab":
        cc = ", ".join(f"{word}{n}@victim.test" for n in range(6))
        raw = letter(text=f"Подключаю {word}", Cc=f"{cc}, stranger@elsewhere.test", Message_ID=f"<{word}@clinic.test>")
        inject(raw, to=signed(people.anna, people.ticket))
    joined = Participant.objects.filter(ticket=people.ticket, person__email__endswith="@victim.test")
    assert joined.count() == 10
    assert Participant.objects.filter(ticket=people.ticket, person=people.stranger).exists()
    last = people.ticket.messages.latest("id")
    assert last.text == "Подключаю b" and last.asked == ["b4@victim.test", "b5@victim.test"]
    told = quiet.to("anna@clinic.test")[-1]
    assert "b4@victim.test, b5@victim.test" in told.text and "ничего не потеряно" in told.text
    page = as_(people.agent).get("/browse/ACCREDO-1").content.decode()
    assert "Слишком много новых людей, не добавлены" in page and "b5@victim.test" in page
    cc = "c1@victim.test, c2@victim.test"
    inject(letter(text="c", Cc=cc, Message_ID="<c@clinic.test>"), to=signed(people.anna, people.ticket))
    assert kinds("anna@clinic.test").count("not_added") == 1


def test_twenty_shares_an_hour(people: Cast, quiet: Sink) -> None:
    known = [person(f"K{n}", f"k{n}@known.test").email or "" for n in range(21)]
    answers = [share(people, address) for address in known]
    assert answers == [302] * 20 + [422]
    assert share(people, known[20], who=people.agent) == 302


@pytest.mark.parametrize(
    ("setting", "most", "addresses"),
    [
        ("BUDGET_CUSTOMER_HOUR", 2, [f"a@v{n}.test" for n in range(4)]),
        ("BUDGET_CUSTOMER_DAY", 2, [f"a@v{n}.test" for n in range(4)]),
        ("BUDGET_DOMAIN_HOUR", 2, [f"a{n}@s{n}.victim.test" for n in range(4)]),
        ("BUDGET_SITE_HOUR", 2, [f"a@v{n}.test" for n in range(4)]),
    ],
)
def test_ab_90_each_budget_counts_what_a_customer_causes(
    people: Cast, quiet: Sink, settings: Settings, setting: str, most: int, addresses: list[str]
) -> None:
    setattr(settings, setting, most)
    for address in addresses:
        by_command(people, address)
    run_all()
    assert sum(kinds(address) == ["added"] for address in addresses) == most
    refused = Event.objects.filter(kind="mail.budget_exceeded")
    assert refused.count() == len(addresses) - most
    assert "слишком много таких писем" in as_(people.agent).get("/browse/ACCREDO-1").content.decode()
    answer = as_(people.anna).post(card(people, "/share"), {"email": "one@more.victim.test"}, follow=True)
    assert "письмо об этом сейчас не уйдёт" in answer.content.decode()


def test_ab_90_the_budget_of_a_mailbox_counts_all_customers_together(
    people: Cast, quiet: Sink, settings: Settings
) -> None:
    socks = [person(f"N{n}", f"n@sock{n}.test") for n in range(8)]
    for who in socks:
        by_command(people, VERA, who=who, ticket=other_ticket(people, who))
        run_all()
    assert kinds(VERA) == ["added"] * 6
    OutboundMail.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    settings.BUDGET_ADDRESS_DAY = 7
    for who in socks[:2]:
        by_command(people, VERA, who=who, ticket=other_ticket(people, who))
        run_all()
    assert kinds(VERA) == ["added"] * 7


def test_the_numbers_of_the_budgets(settings: Settings) -> None:
    names = ("ADDRESS_HOUR", "ADDRESS_DAY", "DOMAIN_HOUR", "SITE_HOUR", "CUSTOMER_HOUR", "CUSTOMER_DAY")
    assert [getattr(settings, f"BUDGET_{name}") for name in names] == [6, 30, 600, 1500, 40, 100]


def test_agents_have_no_budget(people: Cast, quiet: Sink, settings: Settings) -> None:
    for name in ("ADDRESS_HOUR", "DOMAIN_HOUR", "SITE_HOUR", "CUSTOMER_HOUR"):
        setattr(settings, f"BUDGET_{name}", 0)
    by_command(people, VERA, who=people.agent)
    says(people, people.agent, "Добро пожаловать")
    assert kinds(VERA) == ["added", "comment"]
