"""Decide what a mail may do: the table of docs/mail.md, row by row."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from otklik.intake import ticket_matching
from otklik.intake.sender import OnIt, Sender, Standing, who_is_on_it
from otklik.intake.ticket_matching import Clue
from otklik.mail.reasons import because
from otklik.tickets.models import Forward, Ticket
from otklik.tickets.reopen_window import closed_for_long


class Act(StrEnum):
    """What becomes of a mail."""

    COMMENT = "comment"
    HOLD = "hold"
    OPEN = "open"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision about a mail.

    `ticket`: where it goes. `related`: what a new ticket seems to be about; `follows`: it continues that one, so it
    opens at that ticket's present desk rather than at the desk that got the mail. `why`: the rule (mail.reasons).
    """

    act: Act
    why: str
    ticket: Ticket | None = None
    related: Ticket | None = None
    follows: bool = False
    unverified: bool = False


def decide(clue: Clue | None, sender: Sender, at: datetime, on_it: OnIt | None = None) -> Decision:
    """Return the decision for one mail. Reads the database only.

    `on_it`: the result of `sender.who_is_on_it` for this mail and others; None: it is read now.
    """
    if clue is None:
        why = " ".join(filter(None, [because("new_mail"), _why_not(sender)]))
        return Decision(Act.OPEN, why, unverified=not sender.powers.is_verified)
    if clue.forward is not None:
        return _note(clue.forward, sender, clue.ticket)
    standing = sender.standing(clue.ticket, who_is_on_it([(clue.ticket, sender)]) if on_it is None else on_it)
    if _may_comment(sender, standing):
        if closed_for_long(clue.ticket, at):
            return _open_beside(clue, sender, "closed_long")
        return Decision(Act.COMMENT, because(clue.rule), ticket=clue.ticket)
    if clue.signed or (standing is not Standing.STRANGER and clue.rule == ticket_matching.REFERENCES):
        if closed_for_long(clue.ticket, at):
            return _open_beside(clue, sender, "closed_long")
        return Decision(Act.HOLD, f"{because(clue.rule)} {_doubt(clue, sender, standing)}", ticket=clue.ticket)
    return _open_beside(clue, sender, "names_key")


def _note(forward: Forward, sender: Sender, ticket: Ticket) -> Decision:
    """Decide on an answer to a forwarded message: always a note, whoever wrote it."""
    doubt = "" if sender.address == forward.address else because("other_writer")
    why = " ".join(filter(None, [because("forwarded", forward.address), doubt]))
    return Decision(Act.NOTE, why, ticket=ticket)


def _may_comment(sender: Sender, standing: Standing) -> bool:
    powers = sender.powers
    return (standing is Standing.PARTICIPANT and powers.comment_as_participant) or (
        standing is Standing.AGENT and powers.comment_as_agent
    )


def _open_beside(clue: Clue, sender: Sender, code: str) -> Decision:
    """Open a new ticket related to the clue's.

    Somebody who may continue a ticket does so at its present desk; a mail that merely mentions one stays where it was
    sent.
    """
    follows = code == "closed_long"
    key = clue.ticket.key if follows else clue.key or clue.ticket.key
    return Decision(
        Act.OPEN,
        " ".join(filter(None, [because(code, key), _why_not(sender)])),
        related=clue.ticket,
        follows=follows,
        unverified=not sender.powers.is_verified,
    )


def _doubt(clue: Clue, sender: Sender, standing: Standing) -> str:
    """Return why the mail is held, for the agent who decides."""
    if not sender.address:
        return because("no_sender")
    if standing is Standing.REMOVED or (clue.signed and not clue.live):
        return because("taken_off")
    if standing is Standing.STRANGER:
        return because("not_on_it")
    return _why_not(sender) or because("not_proved")


def _why_not(sender: Sender) -> str:
    """Return why the mail's authentication does not count."""
    return because(sender.doubt) if sender.doubt else ""
