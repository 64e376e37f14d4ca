"""`remove_member` removes a member of an organization."""

from otklik.people.commands.organizations import add_organization, remove_member, set_member
from tests.acting import by, tells
from tests.cast import Cast


def test_a_member_goes_once(cast: Cast) -> None:
    row = add_organization(**by(cast.admin), name="Клиника", domains=["clinic.test"])
    other = add_organization(**by(cast.admin), name="Больница")
    set_member(**by(cast.admin), organization=other, person=cast.anna, sees_all=False)
    with tells("organization.member_removed"):
        for _ in range(2):
            remove_member(**by(cast.admin), organization=row, person=cast.anna)
    assert set(row.members.all()) == {cast.boris} and list(other.members.all()) == [cast.anna]
