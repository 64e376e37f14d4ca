"""Pages read only their own desk's data, and lists are complete."""

import re
from typing import Any

import pytest
from django.test import Client

from otklik.desks.models import Desk
from otklik.intake.commands.senders import rule_sender
from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import PendingReply, Ticket
from tests.cast import START, Cast
from tests.workspace.helpers import as_, page_of, queue_url
from tests.workspace.test_ledger import row

OUTBOX = "/projects/ACCREDO/outbox"


def opened(cast: Cast, desk: Desk, subject: str, **more: Any) -> Ticket:
    words: dict[str, Any] = {"requester": cast.anna, "channel": "portal", "subject": subject, **more}
    return open_ticket(actor=Actor(cast.anna, "portal"), at=START, desk=desk, words=Words("x"), **words)


def sent(desk: Desk, number: int, **more: Any) -> OutboundMail:
    words = {"recipient": "anna@clinic.test", "sender": "accredo@desk.test", "kind": "comment", "text": "x", **more}
    return OutboundMail.objects.create(
        cause=f"reads {desk.pk} {number}", subject=f"Письмо {number:03}", message_id=f"<{number}.{desk.pk}@desk.test>",
        desk_id=desk.pk, created_at=START, retry_at=START, **words,
    )  # fmt: skip


def subjects(page: str) -> list[str]:
    return re.findall(r"data-row-link>([^<]*)<", page)


def test_ab_49_links_lead_to_requests_of_this_desk_and_open_ones_of_the_requester(cast: Cast) -> None:
    linked = opened(cast, cast.desk, "Связан здесь", related=cast.ticket, requester=cast.boris)
    opened(cast, cast.other_desk, "Связан там", related=cast.ticket, requester=cast.boris)
    opened(cast, cast.desk, "Ещё мой")
    closed = opened(cast, cast.desk, "Уже закрыт")
    Ticket.objects.filter(pk=closed.pk).update(closed_at=START)
    opened(cast, cast.other_desk, "Мой там")
    opened(cast, cast.desk, "Бориса", requester=cast.boris)
    every = {"Связан здесь", "Связан там", "Ещё мой", "Уже закрыт", "Мой там", "Бориса"}

    def shown(client: Client, key: str = "ACCREDO-1") -> set[str]:
        return {one for one in every if one in page_of(client.get(f"/browse/{key}"))}

    assert shown(as_(cast.agent)) == {"Связан здесь", "Ещё мой"}
    assert shown(as_(cast.admin)) == {"Связан здесь", "Связан там", "Ещё мой", "Мой там"}
    assert "Не открывается протокол" in page_of(as_(cast.agent).get(f"/browse/{linked.key}"))


@pytest.mark.parametrize("state", PendingReply.State.values)
def test_replies_held_back_are_those_of_the_desk_that_wait_or_stayed_back(cast: Cast, state: str) -> None:
    there = opened(cast, cast.other_desk, "Запрос там")
    for ticket in (cast.ticket, there):
        gone = {"message": ticket.messages.first(), "text": ""} if state == "sent" else {"text": "x"}
        PendingReply.objects.create(
            ticket=ticket, author=cast.admin, written_at=START, due_at=START, state=state, **gone
        )
    page = page_of(as_(cast.admin).get(OUTBOX))
    assert ("Не открывается протокол" in page) == (state in {"waiting", "stopped"}) and "Запрос там" not in page
    assert "Не открывается протокол" not in page_of(as_(cast.admin).get(f"{OUTBOX}?state=queued"))


def test_the_numbers_of_the_outbox_are_the_desks_and_leave_out_what_was_sent(cast: Cast) -> None:
    states = OutboundMail.State
    for number, state in enumerate((states.QUEUED, states.FAILED, states.FAILED, states.SENT)):
        sent(cast.desk, number, state=state)
        sent(cast.other_desk, number, state=state)
    numbers = re.findall(r'<a href="\?state=(\w+)"><strong>(\d+)</strong>', page_of(as_(cast.admin).get(OUTBOX)))
    assert sorted(numbers) == [("failed", "2"), ("queued", "1")]


def test_the_outbox_is_leafed_through_without_a_gap_both_ways(cast: Cast) -> None:
    for number in range(102):
        sent(cast.desk, number)
    every, client = [f"Письмо {number:03}" for number in reversed(range(102))], as_(cast.agent)

    def walked(page: str, way: str) -> list[str]:
        seen = [subjects(page)]
        while found := re.search(rf'rel="{way}" href="([^"]*)"', page):
            page = page_of(client.get(OUTBOX + found.group(1)))
            seen.append(subjects(page))
        assert [len(one) for one in seen] == [50, 50, 2] if way == "next" else len(seen) == 3
        last[0] = page
        return [one for part in (seen if way == "next" else reversed(seen)) for one in part]

    last = [""]
    first = page_of(client.get(OUTBOX))
    assert walked(first, "next") == every and 'rel="prev"' not in first
    assert walked(last[0], "prev") == every


def test_decisions_about_senders_are_the_desks(cast: Cast) -> None:
    for desk, pattern in ((cast.desk, "here@clinic.test"), (cast.other_desk, "there@clinic.test")):
        rule_sender(actor=system("cli"), at=START, desk=desk, pattern=pattern, verdict="block")
    page = page_of(as_(cast.admin).get("/projects/ACCREDO/mail/senders"))
    assert "here@clinic.test" in page and "there@clinic.test" not in page


def test_the_way_back_leads_to_no_queue_of_another_desk(cast: Cast) -> None:
    client = as_(cast.admin)
    assert client.get(queue_url(cast.other_desk)).status_code == 200
    back = re.search(r'<p class="ticket-crumbs"><a href="([^"]*)"', page_of(client.get("/browse/ACCREDO-1")))
    assert back and back.group(1).startswith("/projects/ACCREDO/queues/")


def test_who_is_deactivated_is_offered_as_nobodys_requester_and_found_by_no_name(cast: Cast) -> None:
    client, find = as_(cast.agent), {"find": "Щукин"}
    assert "boris@clinic.test" in page_of(client.post("/browse/ACCREDO-1/requester", find))
    Person.objects.filter(pk=cast.boris.pk).update(is_active=False)
    assert "boris@clinic.test" not in page_of(client.post("/browse/ACCREDO-1/requester", find))
    chosen = client.post("/browse/ACCREDO-1/requester", {"choose": cast.boris.pk, "before": cast.anna.pk})
    assert chosen.status_code == 422 and Ticket.objects.get(pk=cast.ticket.pk).requester == cast.anna


def test_a_mail_tells_what_was_done_with_it_alone(cast: Cast) -> None:
    mine, other = (row(cast, number, state="held", fate="own") for number in (1, 2))
    client = as_(cast.agent)
    client.post(f"/projects/ACCREDO/mail/{mine.pk}/spam")
    assert "отмечено как спам" in page_of(client.get(f"/projects/ACCREDO/mail/{mine.pk}"))
    assert "отмечено как спам" not in page_of(client.get(f"/projects/ACCREDO/mail/{other.pk}"))


@pytest.mark.parametrize(
    ("fields", "acts"),
    [
        ({"state": "waiting", "fate": "", "settled_at": None}, set()),
        ({"state": "held", "fate": "own"}, {"request", "again", "done", "spam"}),
        ({"state": "failed", "fate": "unreadable"}, {"request", "again", "done", "spam"}),
        ({"state": "failed", "fate": "unreadable", "raw": b"", "raw_removed_at": START}, {"again", "done", "spam"}),
        ({"state": "filed", "fate": "spam"}, {"not-spam"}),
    ],
)
def test_a_mail_offers_what_can_be_done_now(cast: Cast, fields: dict[str, Any], acts: set[str]) -> None:
    mail = row(cast, 1, **fields)
    page = page_of(as_(cast.agent).get(f"/projects/ACCREDO/mail/{mail.pk}"))
    offered = set(re.findall(rf'action="/projects/ACCREDO/mail/{mail.pk}/([a-z-]+)"', page))
    assert offered & {"admit", "request", "again", "done", "spam", "not-spam"} == acts


def test_each_desk_counts_its_own_mails_that_need_a_person(cast: Cast) -> None:
    for number, box in enumerate(["accredo@desk.test", *["other@desk.test"] * 2]):
        row(cast, number, box=box, state="failed", fate="unreadable")
    for desk, number in ((cast.desk, "1"), (cast.other_desk, "2")):
        page = page_of(as_(cast.admin).get(queue_url(desk)))
        alarms = re.findall(r'ws-count-alarm">.*?</span>(\d+)</span>', page)
        assert alarms and set(alarms) <= {"1", "2"} and number in alarms, desk.key
        current = page[page.index(f"/projects/{desk.key}/mail") :]
        found = re.search(r'ws-count-alarm">.*?</span>(\d+)</span>', current)
        assert found and found.group(1) == number, desk.key


def test_a_call_is_of_a_type_in_use(cast: Cast) -> None:
    kind = cast.desk.request_types.order_by("position")[0]
    words = {"subject": "Звонок", "name": "Ольга", "request_type": kind.pk, "priority": cast.ticket.priority_id}
    client, box = as_(cast.agent), f'<option value="{kind.pk}"'
    assert box in page_of(client.get("/projects/ACCREDO/create"))
    type(kind).objects.filter(pk=kind.pk).update(archived=True)
    assert box not in page_of(client.get("/projects/ACCREDO/create"))
    assert client.post("/projects/ACCREDO/create", words).status_code == 422
    assert not Ticket.objects.filter(subject="Звонок").exists()
