"""`add_desk` creates a desk that can be used at once."""

from otklik.desks.commands.create import add_desk
from otklik.desks.models import Channel, IssueType
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_a_desk_has_all_it_needs_to_take_a_request(cast: Cast) -> None:
    with tells("desk.added"):
        desk = add_desk(**by(), key="HR", name="Кадры", address="HR@desk.test")
    assert desk.statuses.filter(category="new").exists() and desk.request_types.exists() and desk.queues.exists()
    assert desk.priorities.filter(is_default=True).count() == 1
    assert Channel.objects.get(desk=desk, main=True).mailbox.address == "hr@desk.test"


def test_bad_and_taken_keys_and_taken_addresses_are_refused(cast: Cast) -> None:
    for key, address in (("hr", "hr@desk.test"), ("ACCREDO", "hr@desk.test"), ("HR", "accredo@desk.test")):
        with refuses("desk.key_invalid", "desk.key_taken", "desk.address_of_other_desk"):
            add_desk(**by(), key=key, name="Кадры", address=address)


def test_a_kind_of_work_that_is_out_of_use_is_given_to_no_type(cast: Cast) -> None:
    first = IssueType.objects.order_by("position", "id")[0]
    IssueType.objects.filter(pk=first.pk).update(archived=True, name="Снято")
    desk = add_desk(**by(), key="HR", name="Кадры", address="hr@desk.test")
    assert not desk.request_types.filter(issue_type=first).exists()
