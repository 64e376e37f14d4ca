"""`add_address` adds a further address to a desk."""

from otklik.desks.commands.address import add_address
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
    with refuses("desk.address_taken"):
        add_address(**by(), desk=cast.desk, address="other@desk.test")


def test_the_main_address_says_of_which_type_a_further_ones_mail_is(cast: Cast) -> None:
    add_address(**by(), desk=cast.desk, address="help@desk.test")
    first, further = Channel.objects.filter(desk=cast.desk).order_by("pk")
    kind = cast.desk.request_types.exclude(pk=first.request_type_id)[0]
    Channel.objects.filter(pk=first.pk).update(main=False)
    Channel.objects.filter(pk=further.pk).update(main=True, request_type=kind)
    assert (
        Channel.objects.get(mailbox=add_address(**by(), desk=cast.desk, address="more@desk.test")).request_type == kind
    )
