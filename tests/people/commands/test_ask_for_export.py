"""`ask_for_export` requests an export of one's data."""

from datetime import timedelta

from otklik.people.commands.own_data import ask_for_export
from otklik.people.models import DataExport, Person
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast


def test_the_data_are_collected_and_asked_for_once_at_a_time(cast: Cast) -> None:
    with locks(Person), tells("person.export_asked"):
        row = ask_for_export(**by(cast.anna), person=cast.anna)
    assert (row.asked_at, row.ready_at) == (LATER, None)
    with refuses("person.export_under_way"):
        ask_for_export(**by(cast.anna), person=cast.anna)


def test_what_failed_or_hangs_is_asked_for_anew(cast: Cast) -> None:
    row = ask_for_export(**by(cast.anna), person=cast.anna)
    DataExport.objects.update(failed_at=LATER, attempts=9)
    row = ask_for_export(**by(cast.anna), person=cast.anna)
    assert (row.failed_at, row.attempts, DataExport.objects.count()) == (None, 0, 1)


def test_what_is_ready_is_made_anew_and_one_under_way_is_waited_for_an_hour(cast: Cast) -> None:
    ask_for_export(**by(cast.anna), person=cast.anna)
    DataExport.objects.update(asked_at=LATER - timedelta(minutes=59))
    with refuses("person.export_under_way"):
        ask_for_export(**by(cast.anna), person=cast.anna)
    ask_for_export(**by(cast.boris), person=cast.boris)
    for change in ({"asked_at": LATER - timedelta(hours=1)}, {"asked_at": LATER, "ready_at": LATER}):
        DataExport.objects.filter(person=cast.anna).update(**change)
        row = ask_for_export(**by(cast.anna), person=cast.anna)
        assert (row.asked_at, row.ready_at) == (LATER, None)
