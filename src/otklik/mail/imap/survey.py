"""Inspect a folder before fetching from it: whether it can be opened, how many mails it holds, where to start."""

from dataclasses import dataclass
from datetime import datetime

from otklik.mail.imap.connection import linked
from otklik.mail.imap.folder_scan import LEAVE, MOVE
from otklik.mail.imap.oauth import Tokens
from otklik.mail.models import ImapAccount


@dataclass(frozen=True, slots=True)
class Survey:
    """A count of a folder's mails; `old`: those since the given date, or all."""

    mails: int
    old: int
    uidvalidity: int
    highest: int


def survey(account: ImapAccount, since: datetime | None = None) -> Survey:
    """Connect, count, and create the folder that mails will be moved to. Takes and changes no mail.

    Raises ImapTrouble and its subclasses, UnableToUnseal.
    """
    with linked(account, Tokens()) as link:
        if account.after.startswith(MOVE):
            link.ensure_folder(account.after.removeprefix(MOVE))
        folder = link.select(account.folder, readonly=account.after == LEAVE)
        highest = folder.uidnext - 1 if folder.uidnext else link.highest_uid()
        old = folder.exists if since is None else link.count_since(since.date(), highest)
        return Survey(folder.exists, old, folder.uidvalidity, highest)


def left_over(account: ImapAccount) -> int:
    """Return how many mails of the folder were not taken yet. Raises like `survey`."""
    with linked(account, Tokens()) as link:
        folder = link.select(account.folder, readonly=True)
        mark = account.last_uid if folder.uidvalidity == account.uidvalidity else 0
        highest = folder.uidnext - 1 if folder.uidnext else link.highest_uid()
        return sum(len(window) for window in link.windows(mark, highest))
