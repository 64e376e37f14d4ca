"""`address_to_sign_up` returns the address for which a link creates an account."""

from datetime import timedelta

from otklik.people.commands.signup import address_to_sign_up, issue_sign_up
from tests.acting import LATER, refuses


def test_looking_uses_nothing_up_and_old_links_are_refused(db: None) -> None:
    secret = issue_sign_up(address="vera@clinic.test", name="Вера", at=LATER)
    for _ in range(2):
        assert address_to_sign_up(secret=secret, at=LATER) == "vera@clinic.test"
    with refuses("person.link_gone"):
        address_to_sign_up(secret=secret, at=LATER + timedelta(hours=24))
