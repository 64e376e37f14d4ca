"""Update a mail's ledger row when its message changes."""

from datetime import datetime

from otklik.core.locks import lock_all
from otklik.mail.models import InboundMail


def locked_row(pk: int | None) -> InboundMail | None:
    """The row without its bytes, locked until the transaction ends. A ledger row is locked before its ticket."""
    return None if pk is None else lock_all(InboundMail.objects.defer("raw", "error").filter(pk=pk))[0]


def now_a_comment(mail: InboundMail, reason: str, at: datetime) -> None:
    """A held mail was let in: it is filed. `reason` (mail.reasons) say by whom; why it was held stays before them."""
    mail.state, mail.fate, mail.settled_at = InboundMail.State.FILED, InboundMail.Fate.COMMENT, at
    mail.reason = f"{mail.reason} {reason}".strip()
    mail.save(update_fields=["state", "fate", "settled_at", "reason"])
