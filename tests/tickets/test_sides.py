"""The side for which a message speaks is fixed when it is written."""

import importlib
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from otklik.cli.ticket import show
from otklik.desks.commands.create import set_role
from otklik.desks.commands.members import switch_off, take_role, take_site
from otklik.journal.models import Event
from otklik.notify.event_context import contexts
from otklik.notify.rules import assignee_when_customer_wrote
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from otklik.tickets import first_response_time
from otklik.tickets.commands.base import write_message
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import add_participant, assign, remove_participant
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.pending import State, hold_reply
from otklik.tickets.commands.share import share_with_address
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Participant, PendingReply, Ticket
from otklik.tickets.pumps.pending_replies import release_next
from tests.cast import START, Cast, as_, person
from tests.portal.helpers import card

LATER = START + timedelta(hours=1)
Side = Message.Side
migration: Any = importlib.import_module("otklik.tickets.migrations.0016_side_and_failed_tries")
added_by_desk: Any = importlib.import_module("otklik.tickets.migrations.0035_added_by_desk")


def says(cast: Cast, who: Person | None, text: str = "Ответ", *, via: str = "agent", at: Any = LATER) -> Message:
    return comment(actor=Actor(who, via), at=at, ticket=cast.ticket, words=Words(text))


def classes(cast: Cast, message: Message) -> tuple[str, str]:
    """Return the message's side on the customer's card and on another agent's page: "agent" or "customer"."""

    def side(page: str) -> str:
        tag = next(tag for tag in re.findall(r"<article[^>]*>", page) if f'id="message-{message.pk}"' in tag)
        found = re.search(r"message-(agent|customer)", tag)
        assert found
        return found.group(1)

    portal, desk = as_(cast.anna).get(card(cast)), as_(cast.lead).get("/browse/ACCREDO-1")
    return side(portal.content.decode()), side(desk.content.decode())


def test_an_administrators_answer_is_the_desks_for_customers_and_agents_alike(cast: Cast) -> None:
    assert classes(cast, says(cast, cast.admin)) == ("agent", "agent")


def test_a_note_is_the_desks_also_where_who_asked_works_here(cast: Cast) -> None:
    Ticket.objects.filter(pk=cast.ticket.pk).update(requester=cast.agent)
    cast.ticket.refresh_from_db()
    sides = {
        kind: comment(actor=Actor(cast.agent, "agent"), at=LATER, ticket=cast.ticket, words=Words("x"), kind=kind).side
        for kind in Message.Kind.values
    }
    assert sides == {Message.Kind.PUBLIC: Side.CUSTOMER, Message.Kind.INTERNAL: Side.STAFF}


@pytest.mark.parametrize("leaving", ["role", "switched off", "site"])
def test_who_answered_for_the_desk_has_done_so_after_leaving_it(cast: Cast, leaving: str) -> None:
    who = cast.admin if leaving == "site" else cast.agent
    message = says(cast, who)
    if leaving == "role":
        take_role(actor=system("cli"), at=LATER, desk=cast.desk, person=who)
    elif leaving == "site":
        take_site(actor=system("cli"), at=LATER, person=Person.objects.create(**_admin()))
        Person.objects.filter(pk=who.pk).update(is_admin=False)
    else:
        switch_off(actor=system("cli"), at=LATER, person=who)
    assert classes(cast, message) == ("agent", "agent")


def _admin() -> dict[str, Any]:
    return {"name": "Второй", "email": "second@desk.test", "is_admin": True, "is_active": True, "created_at": START}


def test_what_a_customer_said_stays_a_customers_words_when_they_come_to_work_at_the_desk(cast: Cast) -> None:
    message = says(cast, cast.boris, via="portal")
    set_role(actor=system("cli"), at=LATER, desk=cast.desk, person=cast.boris, role="agent")
    assert classes(cast, message) == ("customer", "customer")


def test_who_asked_is_the_customer_of_the_request_also_when_they_work_at_the_desk(cast: Cast) -> None:
    Ticket.objects.filter(pk=cast.ticket.pk).update(requester=cast.agent)
    assert says(cast, cast.agent).side == Side.CUSTOMER


@pytest.mark.parametrize(("who", "state"), [("admin", State.SENT), ("lead", State.SENT), ("anna", State.STOPPED)])
def test_a_reply_stays_back_only_when_a_customer_wrote(cast: Cast, who: str, state: str) -> None:
    reply = hold_reply(
        actor=Actor(cast.agent, "agent"), at=LATER, ticket=cast.ticket, words=Words("Позже"),
        due_at=LATER + timedelta(hours=2), scheduled=True, unless_answered=True,
    )  # fmt: skip
    says(cast, getattr(cast, who), at=LATER + timedelta(hours=1))
    assert release_next(LATER + timedelta(hours=3))
    assert PendingReply.objects.get(pk=reply.pk).state == state


def test_the_usual_first_answer_counts_answers_of_those_who_left(cast: Cast) -> None:
    for number in range(first_response_time.FEWEST):
        at = START + timedelta(days=1, minutes=number)
        ticket = open_ticket(
            actor=Actor(cast.anna, "portal"), at=at, desk=cast.desk, channel="portal", subject="x", words=Words("x"),
            requester=cast.anna,
        )  # fmt: skip
        comment(actor=Actor(cast.agent, "agent"), at=at + timedelta(hours=2), ticket=ticket, words=Words("y"))
    take_role(actor=system("cli"), at=LATER, desk=cast.desk, person=cast.agent)
    first_response_time.forget()
    assert first_response_time.usual_first_answer(cast.desk, START + timedelta(days=20)) == timedelta(hours=2)
    first_response_time.forget()


def test_the_agent_in_charge_is_told_of_a_customers_words_only(cast: Cast) -> None:
    assign(actor=Actor(cast.lead, "agent"), at=LATER, ticket=cast.ticket, assignee=cast.agent)
    told = {}
    for who in (cast.anna, cast.admin, cast.lead):
        message = says(cast, who)
        event = Event.objects.filter(kind="ticket.commented", data__message=message.pk).get()
        told[who.name] = [one.person for one in assignee_when_customer_wrote(contexts([event])[0])]
    assert told == {cast.anna.name: [cast.agent], cast.admin.name: [], cast.lead.name: []}


def test_the_product_speaks_for_itself_and_a_strangers_mail_for_its_sender(cast: Cast) -> None:
    kinds = {
        Side.SYSTEM: {"kind": Message.Kind.INTERNAL},
        Side.STAFF: {"kind": Message.Kind.INTERNAL, "author": cast.agent},
        Side.CUSTOMER: {"kind": Message.Kind.PUBLIC, "claimed_author": "кто-то <x@y.test>"},
    }
    for side, more in kinds.items():
        assert write_message(cast.ticket, LATER, Words("x"), **more).side == side  # type: ignore[arg-type]


def test_scripts_read_the_side(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    says(cast, cast.admin)
    show(cast.ticket.key, json=True)
    sides = [one["side"] for one in json.loads(capsys.readouterr().out)["messages"]]
    assert sides == ["customer", "staff", "staff", "staff"]


def test_the_migration_tells_sides_from_what_the_rows_and_the_journal_say(cast: Cast) -> None:
    wrote = {
        "agent who left": says(cast, cast.agent).pk,
        "member": says(cast, cast.lead).pk,
        "admin": says(cast, cast.admin).pk,
        "colleague": says(cast, cast.boris, via="portal").pk,
        "requester": says(cast, cast.anna, via="portal").pk,
    }
    take_role(actor=system("cli"), at=LATER, desk=cast.desk, person=cast.agent)
    Event.objects.filter(data__message=wrote["agent who left"]).update(via="portal")
    before = dict(Message.objects.values_list("pk", "side"))
    Message.objects.update(side="system")
    with connection.cursor() as cursor:
        cursor.execute(migration.SIDES)
    assert dict(Message.objects.values_list("pk", "side")) == before
    assert [before[pk] for pk in wrote.values()] == ["staff", "staff", "staff", "customer", "customer"]


def test_who_brought_somebody_in_stays_the_desk_or_a_customer_whatever_they_become(cast: Cast) -> None:
    brought = {
        who.email: person(name, f"{name}@victim.test")
        for who, name in ((cast.agent, "vera"), (cast.boris, "lena"), (cast.admin, "olga"), (cast.lead, "nina"))
    }
    for who in (cast.agent, cast.boris, cast.admin, cast.lead):
        address = brought[who.email].email or ""
        share_with_address(actor=Actor(who, "portal"), at=LATER, ticket=cast.ticket, address=address)
    before = dict(Participant.objects.values_list("person__email", "by_desk"))
    take_role(actor=system("cli"), at=LATER, desk=cast.desk, person=cast.agent)
    assert before == {
        "anna@clinic.test": False,
        "boris@clinic.test": True,
        "vera@victim.test": True,
        "lena@victim.test": False,
        "olga@victim.test": True,
        "nina@victim.test": True,
    }
    Participant.objects.update(by_desk=False)
    with connection.cursor() as cursor:
        cursor.execute(added_by_desk.BY_DESK)
    assert dict(Participant.objects.values_list("person__email", "by_desk")) == before


@pytest.mark.parametrize("who", ["agent", "boris"])
def test_whom_an_agent_opened_a_request_for_or_put_on_it_anew_was_brought_by_the_desk(cast: Cast, who: str) -> None:
    doer: Person = getattr(cast, who)
    opened = open_ticket(
        actor=Actor(doer, "agent"),
        at=LATER,
        desk=cast.desk,
        channel=Ticket.Channel.PORTAL,
        subject="По телефону",
        words=Words("По телефону"),
        requester=cast.anna if who == "agent" else doer,
        participants=[doer, cast.stranger],
    )
    rows = dict(Participant.objects.filter(ticket=opened).values_list("person", "by_desk"))
    expected = {cast.stranger.pk: who == "agent", doer.pk: False}
    assert rows == ({cast.anna.pk: True, **expected} if who == "agent" else expected)
    for again in (doer, cast.anna):
        actor = Actor(again, "portal")
        if Participant.objects.filter(ticket=opened, person=again, removed_at=None).exists():
            remove_participant(actor=Actor(cast.lead, "agent"), at=LATER, ticket=opened, person=cast.stranger)
            add_participant(actor=actor, at=LATER, ticket=opened, person=cast.stranger)
            row = Participant.objects.get(ticket=opened, person=cast.stranger)
            assert row.by_desk == (again == cast.agent) and row.added_by == again
