"""`add_phone` adds a phone number."""

from otklik.journal.models import Event
from otklik.people.actor import system
from otklik.people.commands.phones import add_phone, readable_number
from otklik.people.models import Phone
from tests.cast import START, Cast
from tests.refusing import refused_as


def test_a_number_is_kept_once_with_one_event(cast: Cast) -> None:
    for text in ("+7 495 123-45-67", "8 (495) 123-45-67"):
        add_phone(actor=system(), at=START, person=cast.anna, number=text)
    assert Phone.objects.get().number == "+74951234567"
    assert Event.objects.filter(kind="person.phone_added", subject_id=cast.anna.pk).count() == 1


def test_numbers_are_shown_as_people_read_them() -> None:
    shown = {"+74951234567": "+7 495 123-45-67", "+4930123456": "+49 30 123456", "4951234567": "4951234567"}
    assert {number: readable_number(number) for number in shown} == shown


def test_words_are_no_number(cast: Cast) -> None:
    with refused_as("person.phone_invalid"):
        add_phone(actor=system(), at=START, person=cast.anna, number="нет телефона")
