"""How a reply will reach each recipient, shown before it is sent."""

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.mail.dkim_check import senders_are_checked
from otklik.people.models import Person, Phone
from otklik.tickets.models import Approval, Message, Participant, Ticket
from otklik.ui.conversation_paging import is_read


@dataclass(frozen=True, slots=True)
class Call:
    """A phone number to call if the person cannot be reached by mail."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Receiver:
    """A person whom the reply reaches or should reach.

    `address`: "" if there is none, or if it stands for the name; `warnings`: what the writer should know about it.
    """

    id: int
    name: str
    address: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """People whom the reply reaches in the same way. `bad`: not at all; `calls`: their phone numbers then."""

    icon: str
    people: tuple[Receiver, ...]
    words: str
    bad: bool = False
    calls: tuple[Call, ...] = ()

    @property
    def names(self) -> str:
        """Their names, with commas."""
        return ", ".join(receiver.name for receiver in self.people)


@dataclass(frozen=True, slots=True)
class Reach:
    """How a reply reaches people.

    `mailed`: who gets a mail of it; `to`: "requester", "others" or "" for the button's label; `mail_off`: the site
    sends no mail; `call`: the requester's phone if a call is the only way.
    """

    lines: list[Line]
    mailed: list[Receiver]
    to: str
    mail_off: bool
    call: Call | None

    @property
    def any_mail(self) -> bool:
        """Whether somebody gets a mail."""
        return bool(self.mailed)


@dataclass(frozen=True, slots=True)
class _Way:
    icon: str
    words: str
    mail: bool = False
    bad: bool = False


def phones_of(people: Iterable[int]) -> dict[int, list[str]]:
    """Return the phone numbers of these people (ids), by id. One query."""
    phones: dict[int, list[str]] = {}
    for person, number in _phones(people=sorted(set(people))):
        phones.setdefault(person, []).append(number)
    return phones


@fast_read("people")
def _phones(*, people: list[int]) -> QuerySet[Phone, tuple[int, str]]:
    return Phone.objects.filter(AnyOf("person_id", people)).order_by("id").values_list("person", "number")


def approvers_who_asked(approvals: Iterable[Approval], messages: Iterable[Message]) -> list[Person]:
    """Return approvers who have written since they were asked to decide: the next reply is mailed to them, too.

    The same people as in `notify.rules.undecided_approvers_who_asked`. `messages`: those of the page, except outlined
    ones. No query.
    """
    wrote = [(message.author_id, message.created_at) for message in messages if is_read(message)]
    people = {
        vote.person_id: vote.person
        for approval in approvals
        if approval.state == Approval.State.PENDING
        for vote in approval.votes.all()
        if not vote.answer and any(author == vote.person_id and at >= approval.asked_at for author, at in wrote)
    }
    return [people[pk] for pk in sorted(people)]


def reach_of(
    ticket: Ticket,
    writer: Person,
    links: Iterable[Participant],
    *,
    phones: Mapping[int, list[str]],
    refusing: Container[str],
    returned: Collection[str] = (),
    approvers: Iterable[Person] = (),
) -> Reach:
    """Return how a public reply that `writer` sends now reaches the participants.

    `refusing`: addresses that get no mail; `returned`: those from which the last mail came back; `approvers`: as
    `approvers_who_asked` returns them. No query.
    """
    ways = [(link, _way(ticket, link, refusing)) for link in links if link.person_id != writer.pk]
    present = {link.person_id for link, _ in ways} | {writer.pk}
    asking = [person for person in approvers if person.pk not in present and person.is_active and person.email]
    requester_way = next((way for link, way in ways if link.person_id == ticket.requester_id), None)
    mailed = tuple(_receiver(ticket, link.person, returned) for link, way in ways if way.mail and way.words == "")
    lines = [Line("mail", mailed, _("by mail"))] if mailed else []
    lines += [_line(ticket, link, way, phones, returned) for link, way in ways if way.words]
    if asking:
        outside = tuple(_named(who, _("not on the request")) for who in asking)
        lines.append(Line("mail", outside, _("by mail, as they asked before deciding on the approval")))
    reaches_somebody = bool(asking) or any(not way.bad for _link, way in ways)
    own_numbers = phones.get(ticket.requester_id or 0, [])
    must_call = requester_way is not None and requester_way.bad and ticket.requester is not None and bool(own_numbers)
    return Reach(
        lines=lines,
        mailed=[_named(who) for who in [*(link.person for link, way in ways if way.mail), *asking]],
        to="requester" if requester_way is not None and not requester_way.bad else "others" if reaches_somebody else "",
        mail_off=not settings.OUTGOING and not settings.DEMO,
        call=Call(ticket.requester.staff_name, own_numbers[0]) if must_call and ticket.requester else None,
    )


def _receiver(ticket: Ticket, person: Person, returned: Container[str]) -> Receiver:
    doubted = not person.is_heard or (ticket.sender_unverified and person.pk == ticket.requester_id)
    warnings = [_("not verified")] if doubted and senders_are_checked() else []
    if person.email in returned:
        warnings.append(_("the last mail came back"))
    return _named(person, *warnings)


def _named(person: Person, *warnings: str) -> Receiver:
    name, address = person.staff_name, person.email or ""
    return Receiver(person.pk, name, "" if address == name else address, warnings)


def _line(
    ticket: Ticket, link: Participant, way: _Way, phones: Mapping[int, list[str]], returned: Container[str]
) -> Line:
    numbers = phones.get(link.person_id, []) if way.bad else []
    name = link.person.staff_name
    way_words = _("by telephone only") if numbers and not link.person.email else way.words
    icon = "phone" if numbers and not link.person.email else way.icon
    # An address that takes no mail needs no further warning.
    who = _named(link.person) if way.bad else _receiver(ticket, link.person, returned)
    return Line(icon, (who,), way_words, way.bad, tuple(Call(name, number) for number in numbers))


def _way(ticket: Ticket, link: Participant, refusing: Container[str]) -> _Way:
    person = link.person
    if not person.is_active:
        return _Way("user-x", _("not at all: the account is closed"), bad=True)
    if not person.email:
        return _Way("user-x", _("not at all: neither an address nor a telephone number is known"), bad=True)
    if person.email in refusing:
        return _Way("mail-x", _refused(person), bad=True)
    if link.muted:
        return _Way("bell-off", _("on the portal only: mails about this request are turned off"))
    return _chosen(ticket, person)


def _refused(person: Person) -> str:
    if person.activated_at is not None:
        return _("will not arrive: the address takes no mail; only on the portal, when they look there")
    return _("will not arrive: the address takes no mail")


def _chosen(ticket: Ticket, person: Person) -> _Way:
    if person.notices == Person.Notices.DIGEST:
        return _Way("calendar", _("in their daily mail"), mail=True)
    if person.notices == Person.Notices.WAITING:
        if person.pk == ticket.requester_id:
            return _Way("mail-pause", _("by mail only if the status says that you wait for an answer"), mail=True)
        return _Way("world", _("on the portal only: wants no mails about replies"))
    return _Way("mail", "", mail=True)
