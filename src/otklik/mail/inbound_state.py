"""Update a mail's ledger row when its message changes."""

from datetime import datetime

from otklik.core.locks import lock_all
from otklik.mail.models import InboundMail


def locked_row(pk: int | None) -> InboundMail | None:
    """Lock and return the row without its content; None for None. Lock the mail before its ticket."""
    return None if pk is None else lock_all(InboundMail.objects.defer("raw", "error").filter(pk=pk))[0]


def now_held(mail: InboundMail, reason: str, at: datetime) -> None:
    """Hold the mail of a message again. `reason` (mail.reasons): by whom; appended to the earlier ones."""
    mail.state, mail.fate, mail.settled_at = InboundMail.State.HELD, InboundMail.Fate.HELD_COMMENT, at
    mail.reason = f"{mail.reason} {reason}".strip()
    mail.save(update_fields=["state", "fate", "settled_at", "reason"])


def now_a_comment(mail: InboundMail, reason: str, at: datetime) -> None:
    """File a held mail that was admitted. `reason` (mail.reasons): by whom; appended to why it was held."""
    mail.state, mail.fate, mail.settled_at = InboundMail.State.FILED, InboundMail.Fate.COMMENT, at
    mail.reason = f"{mail.reason} {reason}".strip()
    mail.save(update_fields=["state", "fate", "settled_at", "reason"])
