"""`take_role` removes a person from a desk."""

from otklik.desks.commands.create import set_role
from otklik.desks.commands.members import take_role
from otklik.people.models import LoginSession
from otklik.tickets.commands.fields import assign
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.portal.helpers import as_


def test_the_role_goes_the_sessions_end_and_what_was_assigned_stays(cast: Cast) -> None:
    set_role(**by(), desk=cast.other_desk, person=cast.agent, role="agent")
    assign(**by(cast.lead), ticket=cast.ticket, assignee=cast.agent)
    as_(cast.agent)
    with tells("person.sessions_ended", "desk.role_taken"):
        take_role(**by(cast.admin), desk=cast.desk, person=cast.agent)
    cast.ticket.refresh_from_db()
    assert cast.ticket.assignee == cast.agent and not LoginSession.objects.filter(person=cast.agent).exists()
    assert [one.desk for one in cast.agent.memberships.all()] == [cast.other_desk]
    assert cast.lead.memberships.filter(desk=cast.desk).exists()
    with refuses("desk.not_a_member"):
        take_role(**by(cast.admin), desk=cast.desk, person=cast.agent)
