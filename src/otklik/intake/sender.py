"""Identify the sender of a mail, and how far its From address is trusted (rules R1 and R2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from otklik.desks.access import is_agent
from otklik.intake.authres import dmarc_passed, spf_passed
from otklik.intake.claimed_senders import claims_of, is_own, own_name
from otklik.intake.ticket_matching import Clue
from otklik.mail.dkim_verify import is_vouched, names_mailbox
from otklik.mail.domains import organisational_domain
from otklik.mail.models import InboundMail
from otklik.mail.parse import ParsedMail
from otklik.people.addresses import BadAddress, canonical
from otklik.people.models import Person
from otklik.people.queries import person_by_address, persons_by_addresses
from otklik.tickets.models import Participant, Ticket


class Level(StrEnum):
    """How certain it is that the owner of the From address wrote the mail."""

    PROVED = "proved"  # answers a mail that only this address got: its signed token, and From is its owner
    ALIGNED = "aligned"  # DMARC by our own mail server, or DKIM checked by us, for its domain
    CLAIMED = "claimed"  # anybody may have written that From
    NONE = "none"  # the From does not name one address without doubt


@dataclass(frozen=True, slots=True)
class Powers:
    """What a mail of a level may do automatically; anything else waits for an agent or opens a ticket."""

    comment_as_participant: bool = False
    comment_as_agent: bool = False
    makes_person: bool = False
    is_verified: bool = False
    adds_people: bool = False


_BELIEVED = Powers(
    comment_as_participant=True, comment_as_agent=True, makes_person=True, is_verified=True, adds_people=True
)
LEVELS: dict[Level, Powers] = {
    Level.PROVED: _BELIEVED,
    Level.ALIGNED: _BELIEVED,
    Level.CLAIMED: Powers(makes_person=True),
    Level.NONE: Powers(),
}


class Standing(StrEnum):
    """The relation of the From address's person to a ticket."""

    PARTICIPANT = "participant"
    AGENT = "agent"
    REMOVED = "removed"
    STRANGER = "stranger"


OnIt = Mapping[tuple[int, int], Participant]
"""(id of the ticket, id of the person) -> who is, or was, on it"""


@dataclass(frozen=True, slots=True)
class Sender:
    """The author as far as known. `address`: canonical, "" at level NONE; `shown`: for display.

    `doubt`: why the authentication does not count (mail.reasons), or "".
    """

    level: Level
    address: str
    name: str
    shown: str
    person: Person | None
    doubt: str = ""

    @property
    def powers(self) -> Powers:
        return LEVELS[self.level]

    def standing(self, ticket: Ticket, on_it: OnIt) -> Standing:
        """Return the sender's relation to the ticket; an inactive person is a stranger (AB-07).

        `on_it`: the result of `who_is_on_it` for this ticket and sender, possibly with others.
        """
        if self.person is None or not self.person.is_active:
            return Standing.STRANGER
        participant = on_it.get((ticket.pk, self.person.pk))
        if participant is not None and participant.removed_at is None:
            return Standing.PARTICIPANT
        if is_agent(self.person, ticket.desk):
            return Standing.AGENT
        return Standing.REMOVED if participant is not None else Standing.STRANGER


def identify(
    parsed: ParsedMail, clue: Clue | None, mail: InboundMail, persons: Mapping[str, Person] | None = None
) -> Sender:
    """Identify the sender by From alone, never by Reply-To or Sender (AB-12). Creates no person.

    Our own address in From identifies nobody: groups and web forms put it there. Other claimed authors are only
    displayed. `persons`: the result of `persons_behind`; None: the person is read now.
    """
    address = _address(parsed)
    shown = _shown(parsed)
    if is_own(address):
        return Sender(Level.NONE, "", parsed.from_name, _claimed(parsed, mail) or shown, None)
    if not address:
        return Sender(Level.NONE, "", parsed.from_name, shown or "?", None)
    person = person_by_address(address) if persons is None else persons.get(address)
    level, doubt = _believed(parsed, clue, address, person, mail)
    return Sender(level, address, own_name(parsed), shown, person, doubt)


def persons_behind(mails: Iterable[ParsedMail]) -> dict[str, Person]:
    """Return the persons of the From addresses, by canonical address. One query."""
    return persons_by_addresses(address for parsed in mails if (address := _address(parsed)))


def who_is_on_it(pairs: Iterable[tuple[Ticket, Sender]]) -> OnIt:
    """Return which of these senders are, or were, participants of their tickets. One query."""
    asked = {(ticket.pk, sender.person.pk) for ticket, sender in pairs if sender.person is not None}
    tickets, persons = {ticket for ticket, _ in asked}, {person for _, person in asked}
    rows = Participant.objects.filter(ticket_id__in=tickets, person_id__in=persons) if asked else ()
    return {(participant.ticket_id, participant.person_id): participant for participant in rows}


def _claimed(parsed: ParsedMail, mail: InboundMail) -> str:
    return next(
        (" ".join(f"{address.name} <{address.address}>".split())[:600] for address in claims_of(parsed, mail)), ""
    )


def _shown(parsed: ParsedMail) -> str:
    claim = f"<{parsed.from_claim}>" if parsed.from_claim else ""
    return " ".join(f"{parsed.from_name} {claim}".split())[:600]


def _address(parsed: ParsedMail) -> str:
    if parsed.from_malformed or not parsed.from_address:
        return ""
    try:
        return canonical(parsed.from_address)
    except BadAddress:
        return ""


def _believed(
    parsed: ParsedMail, clue: Clue | None, address: str, person: Person | None, mail: InboundMail
) -> tuple[Level, str]:
    """Return the level, and why an authentication result does not count."""
    level, open_fields = _level(parsed, clue, address, person, mail)
    if level is Level.CLAIMED:
        return level, ""
    if not parsed.one_reading:
        return Level.CLAIMED, "two_readings"
    if open_fields:
        return Level.CLAIMED, "left_open"
    if level is Level.ALIGNED and _came_before(mail, parsed.message_id, address):
        return Level.CLAIMED, "same_again"
    return level, ""


def _level(
    parsed: ParsedMail, clue: Clue | None, address: str, person: Person | None, mail: InboundMail
) -> tuple[Level, bool]:
    """Return the level by the best proof, and whether that proof leaves header fields unprotected."""
    known = person.pk if person is not None else None
    if clue is not None and clue.live and clue.participant is not None and clue.participant.person_id == known:
        return Level.PROVED, False
    if clue is not None and clue.live and clue.forward is not None and clue.forward.address == address:
        return Level.PROVED, False
    # Message-IDs detect replays of signed mails, so mails without one are not trusted.
    if settings.DKIM_CHECK and is_vouched(address, mail.signed_by or ""):
        return Level.ALIGNED, not parsed.message_id
    domain = address.rpartition("@")[2]
    above = parsed.authentication_results[: parsed.authentication_results_above_received]
    if dmarc_passed(above, settings.TRUSTED_AUTHSERV, domain):
        whole = spf_passed(above, settings.TRUSTED_AUTHSERV, domain) or _is_covered(parsed, domain, mail)
        return Level.ALIGNED, not whole
    return Level.CLAIMED, False


def _is_covered(parsed: ParsedMail, domain: str, mail: InboundMail) -> bool:
    """Return whether every signature that DMARC may rely on covers all fields we use and names us as recipient.

    Our mail server does not say which signature it was. A signed mail can be sent on by anybody who has it. Without a
    signature, DMARC passed because of the delivering server (SPF).
    """
    ours = organisational_domain(domain)
    perhaps = [
        signature
        for signature in parsed.signatures
        if not signature.domain or organisational_domain(signature.domain) == ours
    ]
    meant = bool(parsed.message_id) and names_mailbox([*parsed.to, *parsed.cc], mail.mailbox.address)
    return not perhaps or (meant and all(signature.covers_all for signature in perhaps))


def _came_before(mail: InboundMail, message_id: str, address: str) -> bool:
    """Return whether a mail of this sender with this Message-ID was accepted before: signed mails can be replayed."""
    if not message_id:
        return False
    same = InboundMail.objects.filter(message_id=message_id[:998], mailbox_id=mail.mailbox_id, from_address=address)
    return same.filter(level__in=[Level.PROVED, Level.ALIGNED], pk__lt=mail.pk or 0).exists()
