"""Bulk actions: preview, result and undo agree."""

from datetime import timedelta

import pytest

from otklik.desks.models import RequestType
from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.tickets.bulk.acts import Act, Assign, Label, Prioritize, Retype, Step, act_of
from otklik.tickets.bulk.consequences import consequences
from otklik.tickets.commands.bulk import undo_bulk
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import assign, change_priority
from otklik.tickets.commands.properties import change_labels
from otklik.tickets.content import Words
from otklik.tickets.models import BulkItem, Change, Ticket
from tests.acting import LATER, by
from tests.cast import Cast
from tests.tickets.bulk.parts import begun, close, code_of, done, loaded, more_tickets, states, worked

SOON = LATER + timedelta(minutes=3)
COLUMNS = (
    "assignee_id", "status_id", "closed_at", "resolution_id", "priority_id", "request_type_id", "answers", "labels",
)  # fmt: skip


def acts(cast: Cast) -> dict[str, Act]:
    other_type = RequestType.objects.filter(desk=cast.desk).exclude(pk=cast.ticket.request_type_id)[0]
    urgent = cast.desk.priorities.exclude(pk=cast.ticket.priority_id).order_by("level")[0]
    return {
        "assign": Assign(cast.agent.pk),
        "assign nobody": Assign(None),
        "assign a stranger": Assign(cast.stranger.pk),
        "status": close(cast),
        "priority": Prioritize([urgent.pk], urgent.name),
        "type": Retype([other_type.pk], other_type.name),
        "labels": Label(add=["vip"], remove=["old"]),
    }


def varied(cast: Cast) -> list[Ticket]:
    """Return tickets in several states: new, assigned, closed, labelled."""
    tickets = more_tickets(cast, 5)
    assign(**by(cast.lead), ticket=tickets[1], assignee=cast.agent)
    done(cast.lead, [tickets[2]], close(cast))
    change_labels(**by(cast.lead), ticket=tickets[3], labels=["vip", "old"])
    change_labels(**by(cast.lead), ticket=tickets[4], labels=["vip"])
    return loaded(tickets)


def stands(tickets: list[Ticket]) -> list[tuple[object, ...]]:
    return list(Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).order_by("pk").values_list(*COLUMNS))


NAMES = ["assign", "assign nobody", "assign a stranger", "status", "priority", "type", "labels"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_before_is_what_is_done(cast: Cast, name: str) -> None:
    tickets, act = varied(cast), acts(cast)[name]
    said = consequences(act, Actor(cast.agent, "agent"), loaded(tickets))
    before = dict(zip([ticket.pk for ticket in tickets], stands(tickets), strict=True))
    run = done(cast.agent, tickets, act)
    items = BulkItem.objects.filter(run=run)
    changed = {ticket for ticket, was in before.items() if stands([Ticket(pk=ticket)])[0] != was}
    assert changed == {ticket.pk for ticket in said.changing}
    assert changed == set(items.filter(state="done").values_list("ticket", flat=True))
    assert said.left == items.filter(state="left").exclude(why="").count()
    codes = {item.ticket_id: code_of(item) for item in items.exclude(why="")}
    assert codes == {ticket.pk: stay.refusal.code for stay in said.staying for ticket in stay.tickets}


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_taken_back_as_it_was(cast: Cast, name: str) -> None:
    tickets, act = varied(cast), acts(cast)[name]
    before = stands(tickets)
    run = done(cast.agent, tickets, act)
    worked(undo_bulk(**by(cast.agent), run=run), SOON)
    assert stands(tickets) == before
    assert not run.items.filter(state__in=["done", "waiting", "stayed"]).exists()
    # History tells of both ways.
    assert Change.objects.filter(event__batch_id=run.batch).exists() == (name != "assign a stranger")


def test_a_desk_without_such_a_value_leaves_its_tickets(cast: Cast) -> None:
    ticket = more_tickets(cast, 2)[1]
    Ticket.objects.filter(pk=ticket.pk).update(
        desk=cast.other_desk, status=cast.other_desk.statuses.first(), priority=cast.other_desk.priorities.first()
    )
    for name in ("priority", "type"):
        assert states(done(cast.admin, [cast.ticket, ticket], acts(cast)[name])) == ["done", "ticket.not_at_this_desk"]


def test_an_act_is_kept_and_read_again(cast: Cast) -> None:
    for act in acts(cast).values():
        again = act_of(act.kind, act.parameters())
        assert again.parameters() == act.parameters() and type(again) is type(act)


def test_each_ticket_has_one_event_and_all_carry_the_batch(cast: Cast) -> None:
    tickets = more_tickets(cast, 3)
    last = Event.objects.latest("id").pk
    run = done(cast.agent, tickets, close(cast))
    events = Event.objects.filter(id__gt=last)
    assert set(events.values_list("subject_id", "batch_id", "actor_id")) == {
        (ticket.pk, run.batch, cast.agent.pk) for ticket in tickets
    }
    assert events.count() == 3 and run.state == "done" and run.undo_until == LATER + timedelta(minutes=10)


def test_what_a_colleague_changed_since_stays_and_is_said(cast: Cast) -> None:
    tickets = more_tickets(cast, 4)
    urgent = acts(cast)["priority"]
    run = done(cast.agent, tickets, urgent)
    comment(**by(cast.anna, "portal"), ticket=tickets[1], words=Words("Ещё одно"))
    assign(**by(cast.lead), ticket=tickets[2], assignee=cast.lead)
    worked(undo_bulk(**by(cast.agent), run=run), SOON)
    assert states(run) == ["undone", "ticket.changed_since", "ticket.changed_since", "undone"]
    assert cast.anna.display_name in BulkItem.objects.get(run=run, ticket=tickets[1]).why
    tickets[2].refresh_from_db()
    assert tickets[2].assignee == cast.lead and tickets[2].priority_id in urgent.parameters()["priorities"]


def test_own_words_since_do_not_matter_but_own_changes_do(cast: Cast) -> None:
    tickets = more_tickets(cast, 2)
    run = done(cast.agent, tickets, acts(cast)["priority"])
    comment(**by(cast.agent), ticket=tickets[0], words=Words("Занимаюсь"))
    change_priority(**by(cast.agent), ticket=tickets[1], priority=cast.desk.priorities.order_by("-level")[0])
    worked(undo_bulk(**by(cast.agent), run=run), SOON)
    assert states(run) == ["undone", "ticket.changed_since"]


def test_a_colleague_who_was_first_is_met_by_the_ticket_as_it_is_then(cast: Cast) -> None:
    tickets = more_tickets(cast, 2)
    run = begun(cast.agent, tickets, Assign(cast.agent.pk))
    assign(**by(cast.lead), ticket=tickets[0], assignee=cast.agent)
    assert states(worked(run)) == ["ticket.unchanged", "done"]


def test_rights_are_those_of_the_moment(cast: Cast) -> None:
    tickets = more_tickets(cast, 2)
    run = begun(cast.agent, tickets, Assign(cast.lead.pk))
    cast.agent.memberships.all().delete()
    assert states(worked(run)) == ["ticket.staff_only"] * 2
    run = begun(cast.lead, tickets, Assign(cast.lead.pk))
    cast.lead.is_active = False
    cast.lead.save()
    assert states(worked(run)) == ["ticket.staff_only"] * 2


def test_an_assignee_who_left_meanwhile_does_not_get_the_ticket_back(cast: Cast) -> None:
    assign(**by(cast.lead), ticket=cast.ticket, assignee=cast.lead)
    run = done(cast.agent, [cast.ticket], Assign(cast.agent.pk))
    cast.lead.memberships.all().delete()
    assert states(worked(undo_bulk(**by(cast.agent), run=run), SOON)) == ["ticket.not_a_member"]


def test_what_was_closed_or_undelivered_is_moved_on_and_put_back(cast: Cast) -> None:
    """These columns contain times."""
    moment = LATER + timedelta(microseconds=1)
    done(cast.lead, [cast.ticket], close(cast), moment)
    Ticket.objects.filter(pk=cast.ticket.pk).update(undelivered_at=moment)
    columns = ("status_id", "closed_at", "undelivered_at", "resolution_id")
    before = Ticket.objects.filter(pk=cast.ticket.pk).values_list(*columns)[0]
    reopened = cast.desk.transitions.filter(source=before[0], for_agents=True).exclude(target__category="done")[0]
    run = done(cast.agent, [cast.ticket], Step([reopened.pk], reopened.name))
    assert (run.state, states(run)) == ("done", ["done"])
    cast.ticket.refresh_from_db()
    assert (cast.ticket.closed_at, cast.ticket.undelivered_at) == (None, None)
    worked(undo_bulk(**by(cast.agent), run=run), SOON)
    assert Ticket.objects.filter(pk=cast.ticket.pk).values_list(*columns)[0] == before
