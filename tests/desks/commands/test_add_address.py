"""A further address of a desk."""

from otklik.desks.commands.address import UnableToAddAddress, add_address
from otklik.desks.models import Channel
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_a_further_address_takes_mail_for_the_same_type_once(cast: Cast) -> None:
    with tells("desk.address_added"):
        first, again = (add_address(**by(), desk=cast.desk, address="Help@desk.test") for _ in range(2))
    row = Channel.objects.get(mailbox=first)
    main = Channel.objects.get(desk=cast.desk, main=True)
    assert first == again and (row.main, row.request_type) == (False, main.request_type)


def test_another_desks_address_is_refused(cast: Cast) -> None:
    with refuses(UnableToAddAddress):
        add_address(**by(), desk=cast.desk, address="other@desk.test")
