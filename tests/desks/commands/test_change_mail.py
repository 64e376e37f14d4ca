"""`change_mail` changes a desk's mail settings."""

from otklik.desks.commands.mail import change_mail
from otklik.desks.models import Channel
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast


def test_each_row_that_differs_has_its_event_and_other_desks_types_count_as_not_said(cast: Cast) -> None:
    channel = Channel.objects.get(desk=cast.desk)
    kind = cast.desk.request_types.exclude(pk=channel.request_type_id or 0)[0]
    foreign = cast.other_desk.request_types.all()[0]
    with locks(Channel), tells("desk.changed", "desk.changed"):
        assert change_mail(**by(cast.lead), desk=cast.desk, values={"mail_name": "Х"}, types={channel.pk: kind.pk})
        assert not change_mail(**by(cast.lead), desk=cast.desk, values={}, types={channel.pk: foreign.pk})
    channel.refresh_from_db()
    assert channel.request_type == kind


def test_agents_change_nothing(cast: Cast) -> None:
    with refuses("desk.leads_only"):
        change_mail(**by(cast.agent), desk=cast.desk, values={"mail_name": "Х"}, types={})


def test_a_channel_of_another_desk_counts_as_not_said(cast: Cast) -> None:
    theirs = Channel.objects.get(desk=cast.other_desk)
    mine = cast.desk.request_types.all()[0]
    with tells():
        assert not change_mail(**by(cast.lead), desk=cast.desk, values={}, types={theirs.pk: mine.pk})
