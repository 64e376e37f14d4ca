"""`set_login` sets a login name."""

from otklik.people.commands.logins import set_login
from otklik.people.models import Person
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast


def test_a_login_is_given_taken_away_and_told_of(cast: Cast) -> None:
    with locks(Person), tells("person.login_changed", "person.login_changed"):
        for _ in range(2):
            assert set_login(**by(cast.admin), person=cast.anna, login=" a.petrova ").login == "a.petrova"
        assert set_login(**by(cast.admin), person=cast.anna, login="").login is None


def test_only_admins_give_one_and_only_one_that_is_free(cast: Cast) -> None:
    set_login(**by(cast.admin), person=cast.boris, login="Boris")
    for who, login in ((cast.agent, "anna"), (cast.admin, "bo ris"), (cast.admin, "a@b.ru"), (cast.admin, "bORIS")):
        with refuses("person.admins_only", "person.login_invalid", "person.login_taken"):
            set_login(**by(who), person=cast.anna, login=login)
