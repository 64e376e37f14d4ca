"""How many unknown people one customer may add within a day."""

from datetime import timedelta

from otklik.people.models import Person
from otklik.tickets.models import Participant
from otklik.tickets.newcomer_limit import DOMAIN_TIMES, are_newcomers, newcomers_left
from tests.acting import LATER
from tests.cast import START, Cast, person
from tests.tickets.test_links import other

MOST = 3
DAY = timedelta(days=1)


def unheard(name: str) -> Person:
    made = person(name, f"{name}@new.test")
    Person.objects.filter(pk=made.pk).update(activated_at=None, heard_at=None)
    return Person.objects.get(pk=made.pk)


def brought(cast: Cast, who: Person, by: Person, *, ticket: object = None) -> Person:
    Participant.objects.create(ticket=ticket or cast.ticket, person=who, added_at=LATER, added_by=by)
    return who


def left(cast: Cast, who: Person | None, hours: float = 0) -> int | None:
    cast.ticket.desk.newcomers_a_day = MOST
    return newcomers_left(who, cast.ticket, LATER + timedelta(hours=hours))


def test_each_newcomer_counts_once_for_a_day_and_only_for_who_brought_them_in(cast: Cast) -> None:
    assert left(cast, cast.anna) == MOST
    one = brought(cast, unheard("one"), cast.anna)
    brought(cast, one, cast.anna, ticket=other(cast))
    brought(cast, unheard("two"), cast.boris)
    assert (left(cast, cast.anna), left(cast, cast.anna, 23.9), left(cast, cast.anna, 24.1)) == (
        MOST - 1,
        MOST - 1,
        MOST,
    )


def test_whoever_was_heard_counts_no_more(cast: Cast) -> None:
    for name, fields in (("one", {"heard_at": START}), ("two", {"activated_at": START})):
        who = brought(cast, unheard(name), cast.anna)
        assert left(cast, cast.anna) == MOST - 1
        Person.objects.filter(pk=who.pk).update(**fields)
    assert left(cast, cast.anna) == MOST


def test_never_fewer_than_none_are_left_and_staff_and_the_product_have_no_end(cast: Cast) -> None:
    for number in range(MOST + 1):
        brought(cast, unheard(f"p{number}"), cast.anna)
    assert left(cast, cast.anna) == 0
    assert left(cast, cast.agent) is None and left(cast, None) is None


def test_a_domain_has_its_share_and_other_domains_take_none_of_it(cast: Cast) -> None:
    for number in range(MOST * DOMAIN_TIMES - 1):
        brought(cast, unheard(f"p{number}"), cast.boris)
    assert left(cast, cast.anna) == 1
    assert left(cast, cast.stranger) == MOST
    branch = person("Филиал", "x@branch.clinic.test")
    brought(cast, unheard("last"), branch)
    assert left(cast, cast.anna) == 0


def test_who_was_brought_in_today_already_is_no_newcomer_of_the_same_person(cast: Cast) -> None:
    one, two = unheard("one"), unheard("two")
    brought(cast, one, cast.anna)
    people = [one, two, cast.boris]
    assert are_newcomers(people, cast.anna, LATER) == {two.pk}
    assert are_newcomers(people, cast.boris, LATER) == {one.pk, two.pk}
    assert are_newcomers(people, cast.anna, LATER + DAY * 2) == {one.pk, two.pk}
