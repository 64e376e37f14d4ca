"""`ask_for_list_export` requests the export of a list."""

from typing import Any

from otklik.people.models import Person
from otklik.tickets.commands.list_export import KEPT, MOST_KEPT, MOST_WAITING, ask_for_list_export
from otklik.tickets.models import ListExport
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast

WHAT: dict[str, Any] = {
    "jql": "project = ACCREDO", "kind": ListExport.Kind.CSV, "columns": ["key"], "answers": False, "language": "ru",
    "time_zone": "Europe/Moscow",
}  # fmt: skip


def test_a_file_is_asked_for_and_so_many_wait_at_once(cast: Cast) -> None:
    with locks(Person), tells("person.list_export_asked"):
        export = ask_for_list_export(**by(cast.agent), person=cast.agent, **WHAT)
    assert (export.person, export.expires_at, export.ready_at) == (cast.agent, LATER + KEPT, None)
    for _ in range(MOST_WAITING - 1):
        ask_for_list_export(**by(cast.agent), person=cast.agent, **WHAT)
    with refuses("ticket.exports_under_way"):
        ask_for_list_export(**by(cast.agent), person=cast.agent, **WHAT)
    ask_for_list_export(**by(cast.lead), person=cast.lead, **WHAT)
    # What failed, is ready or is too old waits no longer.
    for change in ({"failed_at": LATER}, {"ready_at": LATER}, {"expires_at": LATER}):
        ListExport.objects.filter(pk=ListExport.objects.filter(person=cast.agent).latest("pk").pk).update(**change)
        ask_for_list_export(**by(cast.agent), person=cast.agent, **WHAT)


def test_the_last_few_are_kept(cast: Cast) -> None:
    first = ask_for_list_export(**by(cast.agent), person=cast.agent, **WHAT)
    other = ask_for_list_export(**by(cast.lead), person=cast.lead, **WHAT)
    for _ in range(MOST_KEPT):
        ListExport.objects.update(ready_at=LATER)
        last = ask_for_list_export(**by(cast.agent), person=cast.agent, **WHAT)
    kept = set(ListExport.objects.values_list("pk", flat=True))
    assert len(kept) == MOST_KEPT + 1 and {last.pk, other.pk} <= kept and first.pk not in kept
