"""`pause_accounts` pauses fetching of folders."""

from otklik.mail.commands.imap import keep_account, pause_accounts
from otklik.mail.models import ImapAccount, Mailbox
from tests.acting import LATER, by, refuses, tells
from tests.cast import Cast
from tests.mail.commands.parts import FOUND, folder


def test_all_folders_of_an_address_are_paused_and_fetched_again(cast: Cast) -> None:
    box = folder().mailbox
    for name in ("INBOX", "Старое"):
        keep_account(**by(), account=folder(folder=name), survey=FOUND, start=None)
    keep_account(
        **by(), account=folder(mailbox=Mailbox.objects.get(address="other@desk.test")), survey=FOUND, start=None
    )
    with tells("mailbox.paused", "mailbox.paused", "mailbox.resumed", "mailbox.resumed"):
        assert pause_accounts(**by(), mailbox=box, paused=True) == 2
        assert ImapAccount.objects.filter(paused=True, changed_at=LATER).count() == 2
        assert pause_accounts(**by(), mailbox=box, paused=False) == 2


def test_an_address_that_is_not_fetched_is_refused(cast: Cast) -> None:
    with refuses("mail.not_fetched"):
        pause_accounts(**by(), mailbox=folder().mailbox, paused=True)
