"""`drop_list_export` drops a list export."""

from otklik.tickets.commands.list_export import ask_for_list_export, drop_list_export
from otklik.tickets.models import ListExport
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.test_ask_for_list_export import WHAT


def test_the_row_goes_and_the_journal_says_so_once(cast: Cast) -> None:
    export = ask_for_list_export(**by(cast.agent), person=cast.agent, **WHAT)
    with locks(ListExport), tells("person.list_export_dropped"):
        drop_list_export(**by(cast.agent), export=export)
    assert not ListExport.objects.exists()
    export.pk = export.pk or 1
    with refuses("core.gone"):
        drop_list_export(**by(cast.agent), export=export)
