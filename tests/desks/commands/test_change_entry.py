"""`change_entry` changes an entry of a site-wide list."""

from otklik.desks.commands.site_lists import change_entry
from otklik.desks.models import IssueType, Resolution
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_what_is_not_named_stays_and_the_same_again_is_no_news(cast: Cast) -> None:
    row = IssueType.objects.order_by("position")[0]
    with tells("site.issue_types_changed"):
        for _ in range(2):
            again = change_entry(**by(cast.admin), entry=row, archived=True)
    assert again.archived and again.name == row.name
    with refuses("person.admins_only"):
        change_entry(**by(cast.lead), entry=row, archived=False)


def test_one_entry_stays_in_use(cast: Cast) -> None:
    *others, last = IssueType.objects.filter(archived=False)
    for row in others:
        change_entry(**by(cast.admin), entry=row, archived=True)
    with refuses("desk.last_entry"):
        change_entry(**by(cast.admin), entry=last, archived=True)


def test_an_empty_name_in_another_language_takes_it_away(cast: Cast) -> None:
    row = Resolution.objects.order_by("position")[0]
    assert change_entry(**by(cast.admin), entry=row, names={"en": " "}).texts == {}
