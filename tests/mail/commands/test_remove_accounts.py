"""`remove_accounts` removes fetched folders."""

from otklik.mail.commands.imap import Start, keep_account, remove_accounts
from otklik.mail.models import ImapAccount, InboundMail, Mailbox
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.mail.commands.parts import FOUND, folder
from tests.portal.helpers import inbound_mail


def test_the_folders_go_and_what_was_taken_stays(cast: Cast) -> None:
    keep_account(**by(), account=folder(), survey=FOUND, start=Start(old=True))
    other = Mailbox.objects.get(address="other@desk.test")
    keep_account(**by(), account=folder(mailbox=other), survey=FOUND, start=None)
    mail = inbound_mail()
    with tells("mailbox.removed"):
        assert remove_accounts(**by(), mailbox=mail.mailbox) == 1
    assert ImapAccount.objects.get().mailbox == other and InboundMail.objects.get() == mail
    with refuses("mail.not_fetched"):
        remove_accounts(**by(), mailbox=mail.mailbox)
