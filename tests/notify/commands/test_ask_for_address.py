"""`ask_for_address` mails the link that proves a further address."""

from otklik.mail.models import OutboundMail
from otklik.notify.commands.addresses import ask_for_address
from otklik.people.models import AccountToken, Person
from tests.acting import by, locks, refuses
from tests.cast import Cast


def test_the_link_goes_to_the_new_address_and_nowhere_else(cast: Cast) -> None:
    assert ask_for_address(**by(cast.anna), person=cast.anna, address="Anna@home.test") == "anna@home.test"
    mail = OutboundMail.objects.get()
    assert (mail.recipient, mail.kind) == ("anna@home.test", "address_link")


def test_a_taken_address_is_told_so_by_mail_alone_and_our_own_is_refused(cast: Cast) -> None:
    assert ask_for_address(**by(cast.anna), person=cast.anna, address="boris@clinic.test") == "boris@clinic.test"
    assert not AccountToken.objects.exists() and OutboundMail.objects.count() == 1
    with refuses("notify.support_address"):
        ask_for_address(**by(cast.anna), person=cast.anna, address="accredo@desk.test")


def test_of_two_links_asked_for_at_once_the_second_is_counted_after_the_first(cast: Cast) -> None:
    """They go to two addresses, so no mailbox's own count holds the second back."""
    with locks(Person):
        ask_for_address(**by(cast.anna), person=cast.anna, address="anna@home.test")
