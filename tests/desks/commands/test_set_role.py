"""`set_role` sets a person's role at a desk."""

from otklik.desks.commands.create import set_role
from otklik.desks.models import Membership
from otklik.people.models import LoginSession
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.portal.helpers import as_


def test_a_first_or_another_role_ends_the_sessions(cast: Cast) -> None:
    as_(cast.anna)
    with tells("person.sessions_ended", "desk.role_set", "desk.role_set"):
        set_role(**by(cast.admin), desk=cast.desk, person=cast.anna, role="agent")
        as_(cast.anna)
        set_role(**by(cast.admin), desk=cast.desk, person=cast.anna, role="agent")
    assert LoginSession.objects.filter(person=cast.anna).count() == 1
    assert Membership.objects.get(desk=cast.desk, person=cast.anna).role == "agent"


def test_an_unknown_role_is_refused(cast: Cast) -> None:
    with refuses("desk.role_unknown"):
        set_role(**by(cast.admin), desk=cast.desk, person=cast.anna, role="boss")


def test_another_role_at_the_desk_ends_the_sessions_and_one_elsewhere_does_not(cast: Cast) -> None:
    as_(cast.agent)
    set_role(**by(cast.admin), desk=cast.other_desk, person=cast.agent, role="lead")
    assert LoginSession.objects.filter(person=cast.agent).count() == 1
    for role in ("lead", "agent"):
        as_(cast.agent)
        set_role(**by(cast.admin), desk=cast.desk, person=cast.agent, role=role)
        assert not LoginSession.objects.filter(person=cast.agent).exists(), role
