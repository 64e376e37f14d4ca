"""`switch_off` deactivates an account."""

from otklik.desks.commands.members import switch_off
from otklik.people.models import Person
from tests.acting import by, tells
from tests.cast import Cast
from tests.portal.helpers import as_


def test_the_person_is_out_at_once(cast: Cast) -> None:
    as_(cast.anna)
    with tells("person.sessions_ended", "person.switched_off"):
        switch_off(**by(cast.admin), person=cast.anna)
    assert list(Person.objects.filter(is_active=False)) == [cast.anna]
