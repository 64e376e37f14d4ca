"""A ticket is found by its former keys wherever a key is looked up."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from typer.testing import CliRunner

from otklik.cli import ticket as cli
from otklik.desks.commands.create import add_desk
from otklik.desks.models import Desk
from otklik.intake.ticket_matching import SUBJECT, clues
from otklik.journal.models import Event
from otklik.mail.parse import parse
from otklik.people.actor import system
from otklik.tickets.commands.former_keys import add_alias
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.keys import canonical, keys_in, with_key, with_keys
from otklik.tickets.models import Ticket, TicketAlias
from otklik.tickets.search.query import numbered
from tests.cast import START, Cast, as_
from tests.portal.helpers import inbound_mail
from tests.refusing import refused_as
from tests.statement_caps import statements_at_most

CLI = system("cli")


def alias(cast: Cast, key: str = "OLD-17") -> TicketAlias:
    return add_alias(actor=CLI, at=START, ticket=cast.ticket, key=key, skip_numbers=True)


def opened(desk: Desk) -> Ticket:
    words = Words("x")
    return open_ticket(actor=CLI, at=START, desk=desk, channel="portal", subject="x", words=words, requester=None)


def test_an_old_link_leads_agents_to_the_page_of_today(cast: Cast) -> None:
    alias(cast)
    answer = as_(cast.agent).get("/browse/old-17?focusedCommentId=3")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/browse/ACCREDO-1?focusedCommentId=3")
    there = as_(cast.agent).get("/browse/OLD-17/requester")
    assert (there.status_code, there.headers["Location"]) == (302, "/browse/ACCREDO-1/requester")


def test_an_old_link_leads_customers_to_their_card(cast: Cast) -> None:
    alias(cast)
    page = as_(cast.anna).get(f"/servicedesk/customer/portal/{cast.desk.pk}/OLD-17", follow=True)
    assert page.redirect_chain == [(f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-1", 302)]
    assert page.status_code == 200


@pytest.mark.parametrize("who", ["stranger", "agent_elsewhere"])
def test_an_old_key_opens_nothing_to_those_whom_the_ticket_is_closed(cast: Cast, who: str) -> None:
    alias(cast)
    browser = as_(getattr(cast, who))
    assert browser.get("/browse/OLD-17").status_code == 404
    assert browser.get(f"/servicedesk/customer/portal/{cast.desk.pk}/OLD-17").status_code == 404


def test_what_is_sent_to_an_old_key_is_done_and_not_redirected(cast: Cast) -> None:
    alias(cast)
    as_(cast.agent).post("/browse/OLD-17/assign", {"assignee": cast.agent.pk})
    cast.ticket.refresh_from_db()
    assert cast.ticket.assignee_id == cast.agent.pk


def test_a_mail_with_an_old_key_in_its_subject_belongs_to_the_ticket(cast: Cast) -> None:
    alias(cast)
    raw = b"From: anna@clinic.test\r\nSubject: Re: [old-17] COVID-19\r\n\r\nx"
    mail = inbound_mail(raw)
    found = list(clues(parse(raw), mail, cast.desk))
    assert [(one.rule, one.ticket.key) for one in found] == [(SUBJECT, "ACCREDO-1")]
    assert not list(clues(parse(raw), mail, cast.other_desk))


def test_searches_find_it_by_an_old_key(cast: Cast) -> None:
    alias(cast, "OLD_DESK-17")
    for typed in ("OLD_DESK-17", "old_desk 17", "old_desk17"):
        assert [one.key for one in numbered(Ticket.objects.all(), typed)] == ["ACCREDO-1"], typed
    assert as_(cast.agent).get("/browse?q=old_desk-17").status_code in {302, 404}


def test_the_command_line_finds_and_adds_old_keys(cast: Cast) -> None:
    made = CliRunner().invoke(cli.app, ["alias", "accredo-1", "old-17"])
    assert (made.exit_code, made.output.strip()) == (0, "OLD-17 leads to ACCREDO-1.")
    shown = CliRunner().invoke(cli.app, ["show", "old-17", "--json"])
    assert json.loads(shown.output)["key"] == "ACCREDO-1"


def test_the_key_a_ticket_has_wins_over_one_that_another_had(cast: Cast) -> None:
    second = opened(cast.desk)
    TicketAlias.objects.create(ticket=cast.ticket, key=second.key, desk_key="ACCREDO", number=2, added_at=START)
    assert with_key(Ticket.objects.all(), second.key).get() == second
    assert with_keys(Ticket.objects.all(), [second.key, "accredo-1"]) == [second, cast.ticket]


def test_a_key_costs_one_statement_and_reads_no_whole_table(cast: Cast) -> None:
    alias(cast)
    with statements_at_most("key to ticket") as asked:
        assert with_key(Ticket.objects.all(), canonical("old-17 ")).get() == cast.ticket
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + asked[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan" not in plan, plan


def test_an_old_key_is_told_once_and_changes_nothing_else(cast: Cast) -> None:
    version = cast.ticket.version
    first, again = alias(cast), alias(cast)
    cast.ticket.refresh_from_db()
    event = Event.objects.get(kind="ticket.alias_added")
    assert (first.pk, event.data["alias"], cast.ticket.version) == (again.pk, "OLD-17", version)
    assert "OLD-17" in as_(cast.agent).get("/browse/ACCREDO-1").content.decode()


@pytest.mark.parametrize("key", ["", "17", "OLD", "OLD-0", "OLD-1234567890", "-17", "OLD-17x", "СТАР-17", "ACCREDO-1"])
def test_what_is_no_former_key_is_refused(cast: Cast, key: str) -> None:
    with refused_as("ticket.key_invalid", "ticket.key_in_use"):
        alias(cast, key)
    assert not TicketAlias.objects.exists()


def test_a_number_that_was_anothers_is_given_to_no_new_ticket(cast: Cast) -> None:
    alias(cast, "ACCREDO-40")
    assert opened(cast.desk).key == "ACCREDO-41"
    alias(cast, "ACCREDO-7")
    assert opened(cast.desk).key == "ACCREDO-42"
    alias(cast, "OLD-17")
    later = add_desk(actor=CLI, at=START + timedelta(days=1), key="OLD", name="Старая", address="old@desk.test")
    assert [opened(later).key, opened(later).key] == ["OLD-18", "OLD-19"]


@pytest.mark.parametrize(
    ("subject", "keys"),
    [
        ("Re: [ACCREDO-4] протокол", ["ACCREDO-4"]),
        ("accredo-4, ACCREDO-4 и OLD-5", ["ACCREDO-4", "OLD-5"]),
        ("X-ACCREDO-4 AB_ACCREDO-4", ["ACCREDO-4", "AB_ACCREDO-4"]),
        ("1ACCREDO-4 ACCREDO-04 ACCREDO-12345678901 A-4", []),
    ],
)
def test_what_reads_like_a_key(subject: str, keys: list[str]) -> None:
    assert sorted(keys_in(subject)) == sorted(keys)
