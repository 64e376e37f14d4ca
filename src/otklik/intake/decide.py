"""What a mail may do: the table of docs/mail.md, row by row."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from otklik.intake import thread
from otklik.intake.sender import Sender, Standing
from otklik.intake.thread import Clue
from otklik.tickets.closing import closed_for_long
from otklik.tickets.models import Ticket


class Act(StrEnum):
    """The three things a mail can become."""

    COMMENT = "comment"
    HOLD = "hold"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Decision:
    """`ticket`: where it goes; `related`: what a new ticket seems to be about; `why`: the rule in words."""

    act: Act
    why: str
    ticket: Ticket | None = None
    related: Ticket | None = None
    unverified: bool = False


def decide(clue: Clue | None, sender: Sender, at: datetime) -> Decision:
    """The decision for one mail. Reads; changes nothing."""
    if clue is None:
        return Decision(Act.OPEN, _("A new mail to the desk's address."), unverified=not sender.powers.is_verified)
    standing = sender.standing(clue.ticket)
    if _may_comment(sender, standing):
        if closed_for_long(clue.ticket, at):
            return _open_beside(clue, sender, _("The request %(key)s has been closed for long."))
        return Decision(Act.COMMENT, _rule_words(clue), ticket=clue.ticket)
    if clue.signed or (standing is not Standing.STRANGER and clue.rule == thread.REFERENCES):
        if closed_for_long(clue.ticket, at):
            return _open_beside(clue, sender, _("The request %(key)s has been closed for long."))
        return Decision(Act.HOLD, f"{_rule_words(clue)} {_doubt(clue, sender, standing)}", ticket=clue.ticket)
    return _open_beside(clue, sender, _("The mail names %(key)s, but its sender is not proved to be on that request."))


def _may_comment(sender: Sender, standing: Standing) -> bool:
    powers = sender.powers
    return (standing is Standing.PARTICIPANT and powers.comment_as_participant) or (
        standing is Standing.AGENT and powers.comment_as_agent
    )


def _open_beside(clue: Clue, sender: Sender, words: str) -> Decision:
    return Decision(
        Act.OPEN,
        words % {"key": clue.ticket.key},
        related=clue.ticket,
        unverified=not sender.powers.is_verified,
    )


def _rule_words(clue: Clue) -> str:
    return {
        thread.REPLY_ADDRESS: _("It was sent to the signed reply address of this request."),
        thread.REPLY_TOKEN: _("It answers a mail of ours about this request."),
        thread.REFERENCES: _("It answers an earlier mail of this request."),
        thread.SUBJECT: _("Its subject names this request."),
    }[clue.rule]


def _doubt(clue: Clue, sender: Sender, standing: Standing) -> str:
    """Why it waits, for the agent who decides."""
    if not sender.address:
        return _("Its sender cannot be made out.")
    if standing is Standing.REMOVED or (clue.signed and not clue.live):
        return _("Its sender was taken off the request.")
    if standing is Standing.STRANGER:
        return _("Its sender is not on the request.")
    return _("Nothing proves that it really comes from this sender.")
