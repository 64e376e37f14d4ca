"""Mails of a bulk action wait until it can no longer be undone, and go or are dropped with it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.desks.models import RequestType
from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.notify.forecast import forecast
from otklik.people.actor import Actor
from otklik.tickets.bulk.acts import Assign, Retype
from otklik.tickets.commands.bulk import prepare_bulk, release_bulk, start_bulk, undo_bulk
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import assign
from otklik.tickets.content import Words
from otklik.tickets.models import Approval, BulkRun, Ticket
from otklik.worker.dispatch import dispatch_next
from tests.cast import Cast
from tests.refusing import refused_as
from tests.tickets.bulk.parts import Act, close, loaded, more_tickets, states, worked


def begun_now(cast: Cast, tickets: list[Ticket], act: Act) -> BulkRun:
    """Return a finished run at the present time, which dispatching compares with; earlier events are dispatched."""
    dispatched()
    OutboundMail.objects.all().delete()
    actor, at = Actor(cast.agent, "agent"), timezone.now()
    run = prepare_bulk(actor=actor, at=at, tickets=[ticket.pk for ticket in tickets])
    return worked(start_bulk(actor=actor, at=at, run=run, act=act), timezone.now())


def dispatched() -> None:
    while dispatch_next():
        pass


def mails() -> list[tuple[str, str]]:
    return sorted(OutboundMail.objects.values_list("recipient", "kind"))


def over(run: BulkRun) -> None:
    """End the time in which the run can be undone."""
    Event.objects.filter(batch_id=run.batch).update(not_before=timezone.now() - timedelta(seconds=1))


def test_mails_wait_and_go_when_the_time_is_over(cast: Cast) -> None:
    run = begun_now(cast, more_tickets(cast, 2), close(cast))
    dispatched()
    assert mails() == []
    over(run)
    dispatched()
    # Boris is on the first ticket only.
    assert mails() == [("anna@clinic.test", "closed")] * 2 + [("boris@clinic.test", "closed")]


def test_other_acts_are_told_meanwhile(cast: Cast) -> None:
    begun_now(cast, [cast.ticket], close(cast))
    assign(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, assignee=cast.lead)
    dispatched()
    assert mails() == [("lead@desk.test", "assigned")]


@pytest.mark.parametrize("at_once", [False, True])
def test_what_was_moved_on_since_is_not_told_after_the_later_act(cast: Cast, at_once: bool) -> None:
    """Otherwise a closing notice would come ten minutes after the customer wrote again, and an assignment notice to the
    wrong agent."""
    actor, tickets = Actor(cast.agent, "agent"), more_tickets(cast, 2)
    runs = [begun_now(cast, tickets, act) for act in (close(cast), Assign(cast.agent.pk))]
    comment(actor=Actor(cast.anna, "portal"), at=timezone.now(), ticket=tickets[0], words=Words("Опять"))
    assign(actor=actor, at=timezone.now(), ticket=tickets[0], assignee=cast.lead)
    dispatched()
    OutboundMail.objects.all().delete()
    for run in runs:
        if at_once:
            release_bulk(actor=actor, at=timezone.now(), run=run)
        else:
            over(run)
    dispatched()
    assert mails() == [("anna@clinic.test", "closed")]
    assert OutboundMail.objects.get().ticket_id == tickets[1].pk


def test_nobody_hears_of_what_was_taken_back(cast: Cast) -> None:
    tickets = more_tickets(cast, 2)
    run = begun_now(cast, tickets, close(cast))
    assign(actor=Actor(cast.lead, "agent"), at=timezone.now(), ticket=tickets[1], assignee=cast.lead)
    worked(undo_bulk(actor=Actor(cast.agent, "agent"), at=timezone.now(), run=run), timezone.now())
    dispatched()
    # What could not be taken back is told at once: there is nothing to wait for any more.
    assert mails() == [("anna@clinic.test", "closed")]
    assert OutboundMail.objects.get(kind="closed").ticket_id == tickets[1].pk
    assert not Event.objects.filter(dispatched_at=None).exists()


def test_they_go_at_once_when_somebody_says_so_and_then_nothing_is_taken_back(cast: Cast) -> None:
    run = begun_now(cast, [cast.ticket], Assign(cast.lead.pk))
    actor = Actor(cast.agent, "agent")
    release_bulk(actor=actor, at=timezone.now(), run=run)
    dispatched()
    assert mails() == [("lead@desk.test", "assigned")]
    with refused_as("ticket.batch_too_late"):
        undo_bulk(actor=actor, at=timezone.now(), run=run)


def test_a_mail_that_went_is_said_and_nothing_taken_back(cast: Cast) -> None:
    """Its events were dispatched between the last time check and the undo."""
    run = begun_now(cast, [cast.ticket], Assign(cast.lead.pk))
    over(run)
    dispatched()
    worked(undo_bulk(actor=Actor(cast.agent, "agent"), at=timezone.now(), run=run), timezone.now())
    assert states(run) == ["ticket.mails_gone"]
    cast.ticket.refresh_from_db()
    assert cast.ticket.assignee == cast.lead


def test_a_hold_written_before_the_clock_was_set_back_is_over(cast: Cast) -> None:
    run = begun_now(cast, [cast.ticket], Assign(cast.lead.pk))
    Event.objects.filter(batch_id=run.batch).update(not_before=timezone.now() + timedelta(minutes=20))
    dispatched()
    assert mails() == [("lead@desk.test", "assigned")]


def test_whom_the_new_type_asks_is_forecast_and_asked_when_the_time_is_over(cast: Cast) -> None:
    act, actor = asking_type(cast), Actor(cast.agent, "agent")
    said = forecast(loaded([cast.ticket]), act, actor, timezone.now())
    run = begun_now(cast, [cast.ticket], act)
    dispatched()
    assert mails() == []
    release_bulk(actor=actor, at=timezone.now(), run=run)
    dispatched()
    assert mails() == [(cast.stranger.email, "approval_asked")] and said.mails == 1


def test_whom_the_new_type_would_have_asked_hears_nothing_when_it_is_taken_back(cast: Cast) -> None:
    former = cast.ticket.request_type_id
    run = begun_now(cast, [cast.ticket], asking_type(cast))
    worked(undo_bulk(actor=Actor(cast.agent, "agent"), at=timezone.now(), run=run), timezone.now())
    assert states(run) == ["undone"]
    dispatched()
    cast.ticket.refresh_from_db()
    assert mails() == [] and cast.ticket.request_type_id == former
    assert not Approval.objects.filter(state=Approval.State.PENDING).exists()


def asking_type(cast: Cast) -> Retype:
    """Return the action that sets a type with an automatic approval by the stranger."""
    kind = RequestType.objects.filter(desk=cast.desk).exclude(pk=cast.ticket.request_type_id)[0]
    kind.approval_rule = "one"
    kind.save()
    kind.approvers.set([cast.stranger])
    return Retype([kind.pk], kind.name)
