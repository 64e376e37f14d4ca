"""`keep_account` saves a fetched folder."""

from otklik.mail.commands.imap import Start, keep_account
from otklik.mail.models import ImapAccount
from tests.acting import LATER, by, tells
from tests.cast import Cast
from tests.mail.commands.parts import FOUND, folder


def test_a_new_folder_is_fetched_from_now_on_and_a_known_one_in_the_new_way(cast: Cast) -> None:
    with tells("mailbox.added"):
        row, is_new = keep_account(**by(), account=folder(), survey=FOUND, start=None)
    assert is_new and (row.last_uid, row.import_below, row.uidvalidity) == (40, 41, 7)
    ImapAccount.objects.update(last_uid=55, failures=3, paused=True)
    with tells("mailbox.kept"):
        again, is_new = keep_account(**by(), account=folder(port=143), survey=FOUND, start=None)
    assert (again.pk, is_new) == (row.pk, False)
    assert (again.port, again.last_uid, again.failures, again.paused) == (143, 55, 0, False)


def test_old_mail_is_taken_as_an_import(cast: Cast) -> None:
    row, _new = keep_account(**by(), account=folder(), survey=FOUND, start=Start(old=True))
    assert (row.last_uid, row.import_below) == (0, 41)
    assert row.current_import is not None and row.current_import.started_at == LATER
