"""`choose_notices` sets how much mail a person gets."""

from otklik.people.commands.profile import choose_notices
from otklik.people.models import Person
from tests.acting import LATER, tells
from tests.cast import Cast


def test_the_choice_is_kept_with_one_event(cast: Cast) -> None:
    with tells("person.notices_changed"):
        choose_notices(person=cast.anna, at=LATER, notices="digest", digest_hour=18)
    row = Person.objects.get(pk=cast.anna.pk)
    assert (row.notices, row.digest_hour) == ("digest", 18)
