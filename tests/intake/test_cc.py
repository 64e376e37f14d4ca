"""People in To and Cc: who may add them, and what mails cannot do with them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.desks.commands.settings import change_desk
from otklik.intake.commands.senders import rule_sender
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from otklik.tickets.access import readable_messages
from otklik.tickets.commands.cc_participants import answer_asked
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.models import Message, Participant, Ticket
from tests.cast import PASSWORD, Cast
from tests.intake.test_decisions import AUTHSERV, aligned, inject, known_id, signed
from tests.postoffice import Sink, letter, run_all
from tests.refusing import refused_as


@pytest.fixture(autouse=True)
def trusted(settings: Settings) -> None:
    settings.TRUSTED_AUTHSERV = AUTHSERV


def on_it(ticket: Ticket) -> set[str | None]:
    return set(Participant.objects.filter(ticket=ticket, removed_at=None).values_list("person__email", flat=True))


def asked(ticket: Ticket) -> list[str]:
    return list(ticket.messages.order_by("-id")[0].asked)


def test_a_proved_participant_brings_colleagues_in(people: Cast, sink: Sink) -> None:
    raw = letter(text="Подключаю коллег.", Cc="Вера Новая <vera@clinic.test>, boris@clinic.test, other@desk.test")
    inject(raw, to=signed(people.anna, people.ticket))
    assert on_it(people.ticket) == {"anna@clinic.test", "boris@clinic.test", "vera@clinic.test"}
    row = Participant.objects.select_related("person", "added_by", "named_in").get(person__email="vera@clinic.test")
    assert row.added_by == people.anna and row.named_in is not None and row.person.name == "Вера Новая"
    (event,) = Event.objects.filter(kind="ticket.participants_added")
    assert event.data["people"] == [{"person": row.person.pk, "name": "Вера Новая"}]
    assert [mail.subject for mail in sink.to("vera@clinic.test")] == ["ACCREDO-1 С вами поделились запросом"]
    assert asked(people.ticket) == []


def test_who_joins_by_mail_reads_from_that_mail_on_and_may_answer(people: Cast, sink: Sink) -> None:
    inject(letter(text="Подключаю коллег.", Cc="vera@clinic.test"), to=signed(people.anna, people.ticket))
    vera = Person.objects.get(email="vera@clinic.test")
    texts = [one.text for one in readable_messages(vera, people.ticket, as_agent=False)]
    assert texts == ["Подключаю коллег."]
    row = inject(letter(sender="vera@clinic.test", text="Я в деле."), to=signed(vera, people.ticket))
    assert (row.fate, row.level) == ("comment", "proved")


def test_the_opener_s_addressees_join_when_the_sender_is_aligned(people: Cast, sink: Sink) -> None:
    raw = letter(sender="new@clinic.test", to="accredo@desk.test, chief@clinic.test", Cc="vera@clinic.test")
    row = inject(aligned(raw, "clinic.test"))
    ticket = Ticket.objects.get(key=row.ticket_key)
    assert on_it(ticket) == {"new@clinic.test", "chief@clinic.test", "vera@clinic.test"}


def test_an_aligned_agent_brings_people_in(people: Cast, sink: Sink) -> None:
    raw = letter(sender="agent@desk.test", subject="Re: ACCREDO-1", text="Добавляю.", Cc="vera@clinic.test")
    inject(aligned(raw, "desk.test"))
    assert "vera@clinic.test" in on_it(people.ticket)


def test_ab_01_a_claimed_sender_s_cc_is_only_shown_to_the_staff(people: Cast, sink: Sink, client: Client) -> None:
    before = on_it(people.ticket)
    raw = letter(text="Добавьте меня", Cc="evil@x.test", In_Reply_To=known_id(people.ticket))
    row = inject(raw)
    assert row.fate == "held_comment" and on_it(people.ticket) == before
    assert not Person.objects.filter(email="evil@x.test").exists() and not sink.to("evil@x.test")
    assert asked(people.ticket) == ["evil@x.test"]
    client.login(username="agent@desk.test", password=PASSWORD)
    page = client.get("/browse/ACCREDO-1").content.decode()
    assert "Письмо просит добавить" in page and "evil@x.test" in page


def test_ab_01_a_claimed_opener_s_cc_is_only_shown(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender="new@clinic.test", Cc="vera@clinic.test, vera@clinic.test, accredo+x@desk.test"))
    ticket = Ticket.objects.get(key=row.ticket_key)
    assert on_it(ticket) == {"new@clinic.test"} and asked(ticket) == ["vera@clinic.test"]
    assert not sink.to("vera@clinic.test")


def test_an_agent_adds_whom_the_mail_asks_for(people: Cast, sink: Sink, client: Client) -> None:
    inject(letter(Cc="vera@clinic.test, oleg@clinic.test", In_Reply_To=known_id(people.ticket)))
    message = people.ticket.messages.order_by("-id")[0]
    client.login(username="agent@desk.test", password=PASSWORD)
    url = f"/browse/ACCREDO-1/messages/{message.pk}/asked"
    assert client.post(url, {"address": "vera@clinic.test"}).status_code == 302
    assert "vera@clinic.test" in on_it(people.ticket) and asked(people.ticket) == ["oleg@clinic.test"]
    client.post(url, {"address": ""})
    assert asked(people.ticket) == [] and "oleg@clinic.test" not in on_it(people.ticket)
    page = client.get("/browse/ACCREDO-1").content.decode()
    assert "добавлено: Глеб Орлов" in page


def test_ab_50_only_addresses_of_the_mail_can_be_added(people: Cast, sink: Sink) -> None:
    inject(letter(Cc="vera@clinic.test", In_Reply_To=known_id(people.ticket)))
    message, at = people.ticket.messages.order_by("-id")[0], timezone.now()
    with refused_as("ticket.address_not_in_mail"):
        answer_asked(actor=Actor(people.agent, "agent"), at=at, message=message, address="else@x.test")
    with refused_as("ticket.staff_only"):
        answer_asked(actor=Actor(people.anna, "portal"), at=at, message=message, address="vera@clinic.test")
    assert "vera@clinic.test" not in on_it(people.ticket)


@pytest.mark.parametrize(
    "cc",
    ["no-reply@x.test", "list-request@x.test", "MAILER-DAEMON@x.test", "other@desk.test", "accredo+abc@desk.test",
     "not an address", "bad@guy.test", "anna@clinic.test"],
)  # fmt: skip
def test_ab_20_robots_lists_desks_and_blocked_people_join_nothing(people: Cast, sink: Sink, cc: str) -> None:
    actor = Actor(people.agent, "agent")
    rule_sender(actor=actor, at=timezone.now(), desk=people.desk, pattern="bad@guy.test", verdict="block")
    before = on_it(people.ticket)
    inject(letter(Cc=cc), to=signed(people.anna, people.ticket))
    assert on_it(people.ticket) == before and asked(people.ticket) == []


@pytest.mark.parametrize("header", [{"List_Id": "<x.test>"}, {"Auto_Submitted": "auto-generated"}])
def test_ab_20_machines_bring_nobody_in(people: Cast, sink: Sink, header: dict[str, str]) -> None:
    inject(letter(Cc="vera@clinic.test", **header), to=signed(people.anna, people.ticket))
    assert "vera@clinic.test" not in on_it(people.ticket) and asked(people.ticket) == []


def test_ab_20_five_thousand_addressees_are_twenty_names(people: Cast, sink: Sink) -> None:
    raw = letter(sender="new@clinic.test").replace(
        b"\n\n", b"\nCc: " + b",\n ".join(b"v%d@x.test" % n for n in range(5000)) + b"\n\n", 1
    )
    row = inject(aligned(raw, "clinic.test"))
    ticket = Ticket.objects.get(key=row.ticket_key)
    assert on_it(ticket) == {"new@clinic.test"} and len(asked(ticket)) == 20
    assert not Person.objects.filter(email__endswith="@x.test").exists()
    assert {mail.recipients[0] for mail in sink.taken if "x.test" in mail.recipients[0]} == set()


def test_ab_20_the_limits_of_a_mail_a_day_and_a_request(people: Cast, sink: Sink) -> None:
    # So many newcomers as nobody has: this is about the other limits.
    change_desk(actor=system("cli"), at=timezone.now(), desk=people.desk, values={"newcomers_a_day": 1000})

    def bring(word: str, count: int) -> None:
        cc = ", ".join(f"{word}{n}@clinic.test" for n in range(count))
        inject(letter(text=word, Cc=cc), to=signed(people.anna, people.ticket))

    bring("over", 11)
    assert len(on_it(people.ticket)) == 2 and len(asked(people.ticket)) == 11
    for word in ("a", "b"):
        bring(word, 10)
    assert len(on_it(people.ticket)) == 22
    bring("c", 9)  # would be 31 on the request
    assert len(on_it(people.ticket)) == 22 and len(asked(people.ticket)) == 9
    Participant.objects.exclude(named_in=None).update(added_at=timezone.now() - timedelta(hours=23))
    Participant.objects.exclude(named_in=None).filter(person__email__startswith="a").update(
        removed_at=timezone.now(), epoch=2
    )
    bring("d", 10)
    assert len(on_it(people.ticket)) == 22
    bring("e", 1)  # the day's thirty are used up
    assert "e0@clinic.test" not in on_it(people.ticket)


def test_ab_20_naming_is_no_relay(people: Cast, sink: Sink, settings: Settings) -> None:
    settings.BUDGET_DOMAIN_HOUR = 3
    cc = ", ".join(f"v{n}@victim.test" for n in range(8))
    raw = letter(sender="spam@x.test", subject="CANARY-SUBJECT", text="CANARY-TEXT", Cc=cc)
    inject(aligned(raw, "x.test"))
    got = [mail for mail in sink.taken if mail.recipients[0].endswith("@victim.test")]
    assert len(got) == 3
    assert not [mail for mail in got if "CANARY" in mail.raw.decode() + mail.subject + mail.text + mail.html]
    assert not OutboundMail.objects.filter(kind="activation", recipient__endswith="@victim.test").exists()


def test_ab_20_the_mail_itself_is_not_sent_to_those_it_named(people: Cast, sink: Sink) -> None:
    inject(letter(text="CANARY-TEXT", Cc="vera@clinic.test"), to=signed(people.anna, people.ticket))
    assert any("CANARY-TEXT" in mail.text for mail in sink.to("boris@clinic.test"))
    assert not any("CANARY-TEXT" in mail.text for mail in sink.to("vera@clinic.test"))
    inject(letter(text="Второе", Message_ID="<second@clinic.test>"), to=signed(people.anna, people.ticket))
    assert not any("Второе" in mail.text for mail in sink.to("vera@clinic.test"))  # she was never heard (ADR 50)
    vera = Person.objects.get(email="vera@clinic.test")
    inject(letter(sender="vera@clinic.test", text="Я здесь"), to=signed(vera, people.ticket))
    inject(letter(text="Третье", Message_ID="<third@clinic.test>"), to=signed(people.anna, people.ticket))
    assert any("Третье" in mail.text for mail in sink.to("vera@clinic.test"))


def test_the_owner_is_told_of_what_others_did(people: Cast, sink: Sink) -> None:
    run_all()
    told = OutboundMail.objects.filter(recipient="anna@clinic.test", kind="shared")
    before = told.count()
    inject(letter(sender="boris@clinic.test", Cc="vera@clinic.test"), to=signed(people.boris, people.ticket))
    assert told.count() == before + 1


def test_somebody_who_was_taken_off_comes_back_by_an_agent_only(people: Cast, sink: Sink) -> None:
    at = timezone.now()
    remove_participant(actor=Actor(people.agent, "agent"), at=at, ticket=people.ticket, person=people.boris)
    inject(letter(Cc="boris@clinic.test"), to=signed(people.anna, people.ticket))
    assert "boris@clinic.test" not in on_it(people.ticket) and asked(people.ticket) == ["boris@clinic.test"]


def test_a_desk_may_leave_it_to_its_agents(people: Cast, sink: Sink) -> None:
    change_desk(actor=system("cli"), at=timezone.now(), desk=people.desk, values={"cc_joins": False})
    inject(letter(Cc="vera@clinic.test"), to=signed(people.anna, people.ticket))
    assert "vera@clinic.test" not in on_it(people.ticket) and asked(people.ticket) == ["vera@clinic.test"]


def test_a_mail_without_others_asks_nothing(people: Cast, sink: Sink) -> None:
    inject(letter(), to=signed(people.anna, people.ticket))
    assert Message.objects.exclude(asked=[]).count() == 0
