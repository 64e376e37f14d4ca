"""`take_site` revokes a person's site administration."""

from otklik.desks.commands.members import switch_off, take_site
from otklik.people.commands.persons import grant
from otklik.people.models import Person
from tests.acting import by, locks, refuses, tells
from tests.cast import START, Cast


def test_one_of_several_admins_goes_and_the_last_stays(cast: Cast) -> None:
    with refuses("desk.last_admin"):
        take_site(**by(cast.admin), person=cast.admin)
    grant(person=cast.lead, at=START, admin=True)
    with locks(Person), tells("person.site_role_taken"):
        take_site(**by(cast.admin), person=cast.lead)
    with refuses("desk.not_an_admin"):
        take_site(**by(cast.admin), person=cast.lead)
    assert not Person.objects.get(pk=cast.lead.pk).is_admin and Person.objects.get(pk=cast.admin.pk).is_admin


def test_an_admin_who_was_switched_off_does_not_count(cast: Cast) -> None:
    """Otherwise nobody who can log in might administer the site."""
    grant(person=cast.lead, at=START, admin=True)
    switch_off(**by(cast.admin), person=cast.lead)
    with refuses("desk.last_admin"):
        take_site(**by(cast.admin), person=cast.admin)
    with refuses("desk.not_an_admin"):
        take_site(**by(cast.admin), person=cast.lead)
