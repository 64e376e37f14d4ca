"""`put_first` makes an entry of a list the default."""

from otklik.desks.commands.site_lists import put_first
from otklik.desks.models import Resolution
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_the_entry_is_the_first_and_the_others_follow(cast: Cast) -> None:
    before = list(Resolution.objects.order_by("position"))
    with tells("site.resolutions_changed"):
        for _ in range(2):
            put_first(**by(cast.admin), entry=before[1])
    assert list(Resolution.objects.order_by("position")) == [before[1], before[0], *before[2:]]
    with refuses("person.admins_only"):
        put_first(**by(cast.lead), entry=before[0])
