"""`set_member` adds or updates a member of an organization."""

from otklik.people.commands.organizations import add_organization, set_member
from tests.acting import LATER, by, tells
from tests.cast import Cast


def test_a_member_is_one_once_whatever_they_see(cast: Cast) -> None:
    row = add_organization(**by(cast.admin), name="Клиника")
    with tells("organization.member_set", "organization.member_set"):
        set_member(**by(cast.admin), organization=row, person=cast.anna, sees_all=False)
        member = set_member(**by(cast.admin), organization=row, person=cast.anna, sees_all=True)
    assert (member.sees_all, member.joined_at, row.members.count()) == (True, LATER, 1)
