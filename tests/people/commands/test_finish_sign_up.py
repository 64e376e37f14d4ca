"""`finish_sign_up` creates the account of a registration."""

from otklik.people.commands.signup import finish_sign_up, issue_sign_up
from tests.acting import LATER, refuses
from tests.cast import PASSWORD, Cast


def test_the_person_exists_with_a_proved_address_once(db: None) -> None:
    secret = issue_sign_up(address="vera@clinic.test", name="Вера", at=LATER)
    person = finish_sign_up(secret=secret, password=PASSWORD, at=LATER)
    assert (person.name, person.email, person.activated_at) == ("Вера", "vera@clinic.test", LATER)
    assert person.check_password(PASSWORD)
    with refuses("person.link_gone"):
        finish_sign_up(secret=secret, password=PASSWORD, at=LATER)


def test_an_account_in_use_is_not_taken_over(cast: Cast) -> None:
    secret = issue_sign_up(address="anna@clinic.test", name="Анна", at=LATER)
    with refuses("person.link_gone"):
        finish_sign_up(secret=secret, password="совсем другая сирень", at=LATER)
    cast.anna.refresh_from_db()
    assert cast.anna.check_password(PASSWORD)
