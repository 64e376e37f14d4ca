"""The high-water mark of a fetched folder with two competing fetchers (RL-09)."""

from otklik.mail.imap.folder_scan import Look
from otklik.mail.models import ImapAccount, Mailbox
from tests.cast import START


def look(account: ImapAccount) -> Look:
    """Return a fetcher of the account as stored now; it is not connected."""
    return Look(ImapAccount.objects.get(pk=account.pk), None, lambda: False)  # type: ignore[arg-type]


def test_rl_07_the_mark_only_rises_and_only_under_the_numbers_it_belongs_to(db: None) -> None:
    account = ImapAccount.objects.create(
        mailbox=Mailbox.objects.create(address="fetched@desk.test", created_at=START), host="imap.test", port=993,
        username="u", secret="s", created_at=START, changed_at=START, uidvalidity=7, last_uid=3,
    )  # fmt: skip
    slow, quick = look(account), look(account)
    quick._write_mark(5, offered=1)
    slow._write_mark(4, offered=1)
    slow._write_mark(5, offered=1)
    account.refresh_from_db()
    assert (account.last_uid, account.offered) == (5, 1)
    ImapAccount.objects.update(uidvalidity=8, last_uid=0)
    quick._write_mark(6)
    account.refresh_from_db()
    assert (account.uidvalidity, account.last_uid) == (8, 0)
