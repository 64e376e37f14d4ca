"""`remove_phone` removes a phone number."""

from otklik.people.commands.phones import add_phone, remove_phone
from tests.acting import by, tells
from tests.cast import Cast


def test_the_number_goes_with_one_event(cast: Cast) -> None:
    phone = add_phone(**by(), person=cast.anna, number="+7 495 123-45-67")
    with tells("person.phone_removed"):
        remove_phone(**by(cast.anna), phone=phone)
    assert not cast.anna.phones.exists()
