"""`add_entry` adds an entry to a site-wide list."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.desks.commands.site_lists import add_entry
from otklik.desks.models import Resolution
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_an_entry_is_the_last_and_called_so_once(cast: Cast) -> None:
    with tells("site.resolutions_changed"):
        row = add_entry(**by(cast.admin), table=Resolution, name=" Так  задумано ", names={"en": "By design"})
    assert (row.name, row.texts) == ("Так задумано", {"en": {"name": "By design"}})
    assert row == Resolution.objects.order_by("position").last()
    for who, name in ((cast.lead, "Иначе"), (cast.admin, "так задумано"), (cast.admin, " "), (cast.admin, "x" * 61)):
        with refuses("person.admins_only", "desk.entry_name_taken", "desk.name_length"):
            add_entry(**by(who), table=Resolution, name=name)


def test_of_two_who_add_at_once_the_second_waits_for_the_first(cast: Cast) -> None:
    """A list has no row that both would lock."""
    with CaptureQueriesContext(connection) as asked:
        add_entry(**by(cast.admin), table=Resolution, name="Не повторяется")
    said = [query["sql"] for query in asked]
    waits = next(place for place, sql in enumerate(said) if "pg_advisory_xact_lock" in sql)
    assert waits < next(place for place, sql in enumerate(said) if "INSERT INTO" in sql)
