"""Values of the agents' smaller pages in both branches of each condition, without templates."""

from datetime import timedelta
from typing import Any

import pytest

from otklik.desks.models import Membership, Queue, RequestType
from otklik.mail.models import ImapAccount, Mailbox
from otklik.people.actor import Actor, system
from otklik.people.commands.organizations import add_organization, set_member
from otklik.people.models import Organization, Person
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Message, PendingReply, Ticket
from otklik.workspace.pages.desk_overview import overview_page
from otklik.workspace.pages.home import SHOWN, HomePage, home_page
from otklik.workspace.pages.move_targets import MOST, targets_for
from otklik.workspace.pages.pending import entry_of, pending_of
from otklik.workspace.pages.type_and_requester import candidates, type_choices
from tests.cast import START, Cast

SECOND = timedelta(seconds=1)


def opened(cast: Cast, subject: str, **more: Any) -> Ticket:
    """Create a further ticket of Anna's."""
    made = open_ticket(
        actor=Actor(cast.anna, "portal"), at=START, desk=more.pop("desk", cast.desk), channel="portal",
        subject=subject, words=Words("x"), requester=cast.anna,
    )  # fmt: skip
    Ticket.objects.filter(pk=made.pk).update(**more)
    made.refresh_from_db()
    return made


# --- home -----------------------------------------------------------------------------------------------------------


def shown(page: HomePage) -> dict[str, list[str]]:
    return {section.id: [row.key for row in section.rows] for section in page.sections}


def test_home_shows_what_is_mine_nobodys_and_in_trouble(cast: Cast) -> None:
    waiting = cast.desk.statuses.get(category="waiting")
    done = cast.desk.statuses.get(category="done")
    assert shown(home_page(cast.agent)) == {"mine": [], "unassigned": ["ACCREDO-1"]}
    mine = opened(cast, "моё", assignee=cast.agent)
    asked = opened(cast, "жду", assignee=cast.agent, status=waiting)
    opened(cast, "закрыто", assignee=cast.agent, status=done, closed_at=START)
    opened(cast, "чужое", assignee=cast.lead)
    lost = opened(cast, "не дошло", assignee=cast.lead, undelivered_at=START)
    elsewhere = opened(cast, "не здесь", desk=cast.other_desk)
    page = shown(home_page(cast.agent))
    assert page == {"held": [lost.key], "mine": [mine.key], "unassigned": ["ACCREDO-1"], "waiting": [asked.key]}
    assert shown(home_page(cast.agent_elsewhere)) == {"mine": [], "unassigned": [elsewhere.key]}


def test_home_says_whether_there_are_more_and_begins_with_the_oldest_of_nobodys(cast: Cast) -> None:
    numbered = [opened(cast, f"{n}", created_at=START - timedelta(hours=n)) for n in range(SHOWN - 1)]
    page = next(section for section in home_page(cast.agent).sections if section.id == "unassigned")
    assert len(page.rows) == SHOWN and not page.more and page.rows[0].key == numbered[-1].key
    opened(cast, "ещё")
    page = next(section for section in home_page(cast.agent).sections if section.id == "unassigned")
    assert len(page.rows) == SHOWN and page.more


def test_a_desk_opens_at_its_first_queue_that_is_not_hidden(cast: Cast) -> None:
    first, second = cast.desk.queues.order_by("position")[:2]
    card = next(desk for desk in home_page(cast.agent).desks if desk.key == "ACCREDO")
    assert card.queue_url.endswith(f"/custom/{first.pk}")
    Queue.objects.filter(pk=first.pk).update(hidden=True)
    card = next(desk for desk in home_page(cast.agent).desks if desk.key == "ACCREDO")
    assert card.queue_url.endswith(f"/custom/{second.pk}")
    Queue.objects.filter(desk=cast.desk).update(hidden=True)
    card = next(desk for desk in home_page(cast.agent).desks if desk.key == "ACCREDO")
    assert card.queue_url == "/projects/ACCREDO"


# --- type and requester ---------------------------------------------------------------------------------------------


def test_types_in_use_and_the_tickets_own_are_offered(cast: Cast) -> None:
    own, other, third = cast.desk.request_types.order_by("position")[:3]
    RequestType.objects.filter(pk__in=[own.pk, other.pk]).update(archived=True)
    RequestType.objects.filter(pk=third.pk).update(hidden=True)
    choices = {choice.id: choice for choice in type_choices(cast.ticket)}
    assert choices[own.pk].chosen and other.pk not in choices and not choices[third.pk].chosen
    assert choices[third.pk].hidden and not choices[own.pk].hidden


def test_approvers_are_named_where_the_type_asks_them(cast: Cast) -> None:
    kind = cast.desk.request_types.order_by("position")[0]
    kind.approvers.add(cast.boris)
    assert {choice.id: choice.approvers for choice in type_choices(cast.ticket)}[kind.pk] == ""
    RequestType.objects.filter(pk=kind.pk).update(approval_rule="one")
    assert {choice.id: choice.approvers for choice in type_choices(cast.ticket)}[kind.pk] == "Борис Щукин"


def test_the_requester_is_no_candidate_and_a_new_address_is_proposed(cast: Cast) -> None:
    assert not candidates(cast.agent, cast.ticket, "п").searched
    assert [one.name for one in candidates(cast.agent, cast.ticket, "clinic.test").found] == ["Борис Щукин"]
    cast.ticket.requester = cast.boris
    assert [one.name for one in candidates(cast.agent, cast.ticket, "clinic.test").found] == ["Анна Петрова"]
    assert candidates(cast.agent, cast.ticket, "new@clinic.test").new == "new@clinic.test"
    assert candidates(cast.agent, cast.ticket, "anna@clinic.test").new == ""
    assert candidates(cast.agent, cast.ticket, "Вера").new == ""


@pytest.fixture
def hospital(cast: Cast) -> Organization:
    made = add_organization(actor=system(), at=START, name="Больница № 1")
    set_member(actor=system(), at=START, organization=made, person=cast.boris, sees_all=False)
    return made


def colleagues(cast: Cast) -> str:
    return candidates(cast.agent, cast.ticket, "Борис").found[0].colleagues


def test_colleagues_who_begin_to_see_the_request_are_told(cast: Cast, hospital: Organization) -> None:
    assert colleagues(cast) == ""
    Organization.objects.filter(pk=hospital.pk).update(open_inside=True)
    assert colleagues(cast) == "Больница № 1"
    Organization.objects.filter(pk=hospital.pk).update(open_inside=False)
    set_member(actor=system(), at=START, organization=hospital, person=cast.boris, sees_all=True)
    # Who sees all of an organisation is no colleague of their own.
    assert colleagues(cast) == ""
    set_member(actor=system(), at=START, organization=hospital, person=cast.stranger, sees_all=True)
    assert colleagues(cast) == "Больница № 1"


def test_who_joined_an_organisation_after_the_request_shows_it_to_nobody(cast: Cast, hospital: Organization) -> None:
    Organization.objects.filter(pk=hospital.pk).update(open_inside=True)
    member = hospital.memberships.get(person=cast.boris)
    for joined, told in (
        (cast.ticket.created_at, "Больница № 1"),
        (cast.ticket.created_at + SECOND, ""),
        (None, "Больница № 1"),
    ):
        type(member).objects.filter(pk=member.pk).update(joined_at=joined)
        assert colleagues(cast) == told


# --- moving ---------------------------------------------------------------------------------------------------------


def test_a_message_is_moved_to_another_request_of_the_same_desk(cast: Cast) -> None:
    near, far = opened(cast, "Картридж кончился"), opened(cast, "Картридж кончился", desk=cast.other_desk)
    found = targets_for(cast.agent, cast.desk.pk, "картридж")
    assert found.searched and [row.key for row in found.rows] == [near.key] and far.key not in str(found)
    assert targets_for(cast.agent, cast.desk.pk, "картридж", but=near.pk).rows == []
    assert [row.key for row in targets_for(cast.agent, cast.desk.pk, near.key).rows] == [near.key]
    assert not targets_for(cast.agent, cast.desk.pk, "  ").searched
    nothing = targets_for(cast.agent, cast.desk.pk, "такогонет")
    assert nothing.searched and nothing.rows == []


def test_as_many_targets_as_are_shown_whichever_is_left_out(cast: Cast) -> None:
    made = [opened(cast, f"Картридж {n}") for n in range(MOST + 1)]
    assert len(targets_for(cast.agent, cast.desk.pk, "картридж").rows) == MOST
    assert len(targets_for(cast.agent, cast.desk.pk, "картридж", but=made[-1].pk).rows) == MOST


# --- replies that wait ----------------------------------------------------------------------------------------------


def waits(cast: Cast, state: str = "waiting", author: Person | None = None, **more: Any) -> PendingReply:
    values = {"text": "Позже", "markup": "plain", "files": [], "written_at": START, "due_at": START + SECOND * 10}
    return PendingReply.objects.create(
        ticket=cast.ticket, author=author or cast.agent, state=state, **{**values, **more}
    )


@pytest.mark.parametrize(
    ("after", "seconds"), [(timedelta(0), 10), (SECOND * 9, 1), (SECOND * 10, 0), (timedelta(hours=1), 0)]
)
def test_the_countdown_ends_at_nought(cast: Cast, after: timedelta, seconds: int) -> None:
    assert entry_of(cast.ticket, waits(cast), START + after).seconds == seconds


def test_what_stayed_back_says_why_and_what_waits_does_not(cast: Cast) -> None:
    going = entry_of(cast.ticket, waits(cast, why="x"), START)
    stopped = entry_of(cast.ticket, waits(cast, "stopped", why="x"), START)
    assert (going.waits, going.stopped) == (True, "") and (stopped.waits, stopped.stopped) == (False, "x")


def test_a_draft_is_its_authors_alone_and_opened_by_its_address(cast: Cast) -> None:
    draft, other = waits(cast, "draft"), waits(cast, "draft", text="Другой")
    waits(cast, "sent", text="", message=Message.objects.get(ticket=cast.ticket, kind="public", opening=False))
    waiting = waits(cast, author=cast.lead)
    page = pending_of(person=cast.agent, ticket=cast.ticket, draft="", at=START)
    assert [entry.id for entry in page.entries] == [waiting.pk] and (page.draft, page.initial, page.drop_url) == (
        0,
        {},
        "",
    )
    assert len(page.drafts) == 2
    page = pending_of(person=cast.agent, ticket=cast.ticket, draft=str(draft.pk), at=START)
    assert page.draft == draft.pk and page.initial["comment"] == "Позже" and page.drop_url
    assert len(page.drafts) == 1 and f"draft={other.pk}#" in page.drafts[0]
    # A colleague's draft is no page of mine, whatever the address says.
    page = pending_of(person=cast.lead, ticket=cast.ticket, draft=str(draft.pk), at=START)
    assert (page.draft, page.drafts, page.initial) == (0, [], {})


# --- what a desk is made of -----------------------------------------------------------------------------------------


def test_a_mailbox_shows_the_error_of_its_last_try_only(cast: Cast) -> None:
    plain = overview_page(cast.desk).boxes
    assert [(box.address, box.is_main, box.source, box.paused, box.error) for box in plain] == [
        ("accredo@desk.test", True, "", False, "")
    ]
    account = ImapAccount.objects.create(
        mailbox=Mailbox.objects.get(address="accredo@desk.test"), host="imap.test", port=993, username="x",
        secret="x", last_error="нет", created_at=START, changed_at=START,
    )  # fmt: skip
    assert overview_page(cast.desk).boxes[0].error == "" and overview_page(cast.desk).boxes[0].source
    ImapAccount.objects.filter(pk=account.pk).update(failures=1, paused=True)
    box = overview_page(cast.desk).boxes[0]
    assert (box.error, box.paused) == ("нет", True)
    assert [box.source for box in overview_page(cast.other_desk).boxes] == [""]


def test_members_are_told_with_their_role_and_whether_they_can_log_in(cast: Cast) -> None:
    Person.objects.filter(pk=cast.lead.pk).update(is_active=False)
    members = {member.name: member for member in overview_page(cast.desk).members}
    assert members["Глеб Орлов"].is_active and not members["Лидия Главная"].is_active
    assert members["Глеб Орлов"].role != members["Лидия Главная"].role and "Олег Дальний" not in members
    assert Membership.objects.filter(desk=cast.desk).count() == len(members)


def test_a_step_stays_out_of_the_status_that_it_leads_to(cast: Cast) -> None:
    steps = {step.name: step.moves for step in overview_page(cast.desk).statuses}
    everywhere = cast.desk.transitions.filter(source=None)
    for transition in everywhere:
        assert transition.name not in steps[transition.target.name]
        assert all(transition.name in moves for name, moves in steps.items() if name != transition.target.name)
