"""A work budget for one mail, since its limits on single items would multiply (AB-93, RL-10).

    with one_mail() as spent:
        ...
        if not allows(Work.OPENED): ...

Whatever reads a mail for itself begins its own account; what it calls draws on the same one. Counted is work, never
time, so that a mail is read in the same way on every machine.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum

from otklik.mail.parse import limits


class Work(Enum):
    """Kinds of work, with the most that one mail may use, and the remark if it needs more."""

    HEADS = limits.HEADS_BYTES, "not all headers of its parts were read"
    PARTS = limits.ALL_PARTS, "not all mails inside it were opened"
    SEARCHED = limits.SEARCHED_BYTES, "parts nested too deep were kept closed"
    NEAR_MISSES = limits.NEAR_MISSES, "lines that look like a boundary were not all read"
    GUESSED_BOUNDARIES = limits.GUESSED_BOUNDARIES, "not all missing boundaries were guessed"
    SNIFFED = limits.SNIFFED_BYTES, "the charset of some texts was not looked for"
    GUESSES = limits.GUESSED_BYTES, "the charset of some texts was not looked for"
    PIECES = limits.TEXT_PIECES, "the charset of some texts was not looked for"
    TEXT = limits.TEXTS_BYTES, "not all of its text was read"
    LOOSE_HTML = limits.HTML_CHARS, "not all of its text was read"
    OPENED = limits.OPENED, "not everything inside it was opened"
    SECRETS = limits.SECRETS_BYTES, "not all of it was searched for links of ours"
    BLANKED = limits.BLANKED_BYTES, "links of ours that are well hidden were not looked for in all of it"
    UNPACKED = limits.UNPACKED_BYTES, "not all archives in it were opened"
    UUENCODED = limits.UUENCODED_LINES, "not all files in its text were taken out"

    def __init__(self, most: int, remark: str) -> None:
        self.most = most
        self.remark = remark


@dataclass(slots=True)
class Spent:
    """What one mail has used. `refused`: what it needed in vain; `russian`, `guessed`: the last detected charsets."""

    amounts: Counter[Work] = field(default_factory=Counter)
    refused: list[Work] = field(default_factory=list)
    russian: str | None = None
    guessed: str | None = None

    def remarks(self) -> list[str]:
        """Distinct remarks on work that was skipped for lack of budget."""
        return list(dict.fromkeys(work.remark for work in self.refused))


_CURRENT: ContextVar[Spent | None] = ContextVar("spent", default=None)


@contextlib.contextmanager
def one_mail() -> Iterator[Spent]:
    """Context manager: the budget of the mail being parsed, or a new one."""
    current = _CURRENT.get()
    if current is not None:
        yield current
        return
    token = _CURRENT.set(Spent())
    try:
        yield spent()
    finally:
        _CURRENT.reset(token)


def spent() -> Spent:
    """Return the current budget; an empty one if no mail is being parsed."""
    return _CURRENT.get() or Spent()


def left(work: Work) -> int:
    """Return how much of this work the mail may still use."""
    return work.most - spent().amounts[work]


def allows(work: Work, amount: int = 1) -> bool:
    """Return whether the mail may use this much more; it is then taken, otherwise recorded as refused."""
    account = spent()
    if account.amounts[work] + amount > work.most:
        account.refused.append(work)
        return False
    account.amounts[work] += amount
    return True


def refuse(work: Work) -> None:
    """Record that something was left out because of this limit."""
    spent().refused.append(work)


def take(work: Work, amount: int) -> None:
    """Count work already done, up to the limit; never records a refusal."""
    account = spent()
    account.amounts[work] += min(amount, work.most - account.amounts[work])


def cut(work: Work, data: bytes, most: int) -> bytes:
    """Return as much of the data as the budget allows, at most `most`; a shortened result is recorded as refused."""
    account = spent()
    size = max(0, min(most, work.most - account.amounts[work]))
    account.amounts[work] += min(size, len(data))
    if size < len(data):
        account.refused.append(work)
    return data[:size]
