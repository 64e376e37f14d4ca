"""The forecast of mails before a bulk action equals the mails sent after it."""

import pytest
from django.utils import timezone

from otklik.desks.models import Desk
from otklik.mail.models import OutboundMail
from otklik.notify.forecast import Forecast, forecast
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.bulk.acts import Assign
from otklik.tickets.commands.fields import set_muted
from tests.cast import Cast
from tests.tickets.bulk.parts import Step, close, more_tickets
from tests.tickets.bulk.test_acts import NAMES, acts, loaded, varied
from tests.tickets.bulk.test_mails import begun_now, dispatched, over


@pytest.mark.parametrize("name", NAMES)
def test_as_many_mails_go_as_were_forecast(cast: Cast, name: str) -> None:
    tickets, act = varied(cast), acts(cast)[name]
    actor = Actor(cast.agent, "agent")
    changing = [ticket for ticket in loaded(tickets) if act.refusal(actor, ticket) is None]
    said = forecast(changing, act, actor, timezone.now())
    over(begun_now(cast, tickets, act))
    dispatched()
    assert OutboundMail.objects.count() == said.mails


def test_customers_and_staff_are_counted_once_each(cast: Cast) -> None:
    tickets, actor = loaded(more_tickets(cast, 3)), Actor(cast.agent, "agent")
    # Anna has three, Boris is on one.
    assert forecast(tickets, close(cast), actor, timezone.now()) == Forecast(4, 2, 0)
    assert forecast(loaded(tickets), Assign(cast.lead.pk), actor, timezone.now()) == Forecast(3, 0, 1)
    assert forecast(loaded(tickets), Assign(cast.agent.pk), actor, timezone.now()) == Forecast(0, 0, 0)


def test_who_wants_no_mail_or_one_a_day_is_not_counted(cast: Cast) -> None:
    actor, step = Actor(cast.agent, "agent"), next(
        step for step in cast.desk.transitions.all() if step.source_id == cast.ticket.status_id and step.for_agents
        and not step.target.is_done
    )  # fmt: skip
    act = Step([step.pk], step.name)
    assert forecast(loaded([cast.ticket]), act, actor, timezone.now()).mails == 0
    Desk.objects.filter(pk=cast.desk.pk).update(mail_switches={"status_changed": True})
    assert forecast(loaded([cast.ticket]), act, actor, timezone.now()).mails == 2
    set_muted(actor=Actor(cast.boris, "portal"), at=timezone.now(), ticket=cast.ticket, muted=True)
    Person.objects.filter(pk=cast.anna.pk).update(notices=Person.Notices.DIGEST)
    assert forecast(loaded([cast.ticket]), act, actor, timezone.now()).mails == 0
