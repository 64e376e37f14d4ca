"""`switch_on` activates a deactivated account."""

from otklik.desks.commands.members import switch_off, switch_on
from otklik.people.models import Person
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_the_person_has_the_roles_of_before_and_who_was_erased_does_not_come_back(cast: Cast) -> None:
    switch_off(**by(cast.admin), person=cast.agent)
    switch_off(**by(cast.admin), person=cast.boris)
    with tells("person.switched_on"):
        switch_on(**by(cast.admin), person=cast.agent)
    assert list(Person.objects.filter(is_active=False)) == [cast.boris] and cast.agent.memberships.exists()
    cast.agent.email = None
    with refuses("desk.person_erased"):
        switch_on(**by(cast.admin), person=cast.agent)
