"""`join_by_domain` adds people with a proven address to the organization of its domain."""

from otklik.people.commands.organizations import add_organization, join_by_domain
from tests.acting import LATER, by
from tests.cast import Cast


def test_one_joins_the_organisation_of_the_domain_and_of_no_other(cast: Cast) -> None:
    row = add_organization(**by(cast.admin), name="Там", domains=["elsewhere.test"])
    row.members.clear()
    for address in ("x@elsewhere.test", "x@sub.elsewhere.test", "x@elsewhere.test.ru"):
        join_by_domain(
            person=cast.boris if "sub" in address or ".ru" in address else cast.anna, address=address, at=LATER
        )
    assert list(row.members.all()) == [cast.anna]
