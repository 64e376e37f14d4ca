"""Recipients of notifications, one line per action (the people: tests/notify/crowd.py)."""

# A line of the table does several things one after the other, in a tuple whose values nobody reads.
# mypy: disable-error-code="func-returns-value"
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from otklik.desks.models import Desk
from otklik.journal.models import Event
from otklik.mail.events import MailUndelivered
from otklik.mail.models import OutboundMail
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.tickets.commands.approve import answer_approval, ask_about, remind_approval
from otklik.tickets.commands.comment import admit_message, admit_own
from otklik.tickets.commands.edit_message import withdraw_message
from otklik.tickets.commands.fields import add_participant, assign
from otklik.tickets.commands.requester import change_requester
from otklik.tickets.commands.undelivered import note_undelivered
from otklik.tickets.events import Joined, NewcomersLeft, ParticipantsAdded
from otklik.tickets.models import Approval, Forward, Message, Vote
from tests.acting import LATER, by
from tests.cast import START, Cast
from tests.notify.crowd import BEFORE, Crowd

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
INSIDE = Message.Kind.INTERNAL


@pytest.fixture
def crowd(cast: Cast) -> Crowd:
    return Crowd(cast)


def many(c: Crowd, act: Callable[[], object], count: int) -> None:
    """Repeat the act; only the last one is not dispatched yet."""
    for number in range(count):
        if number == count - 1:
            c.fresh()
        act()


def late_vote(
    c: Crowd, asked_at: timedelta = timedelta(0), then: Callable[[Person], object] = str, **vote: Any
) -> None:
    """Let the stranger be asked and ask back, with these values of approval and vote; then let the agent answer in
    public."""
    approval = c.asked(c.stranger)
    ask_about(actor=by(c.stranger)["actor"], at=LATER - timedelta(minutes=1), approval=approval, words="Зачем?")
    Approval.objects.update(asked_at=LATER - timedelta(minutes=5) + asked_at)
    if vote:
        Vote.objects.update(**vote)
    then(c.stranger)
    c.fresh()
    c.says(c.agent)


def ask_of(c: Crowd, *people: Person) -> Approval:
    approval = c.asked(*people)
    c.fresh()
    return approval


def without_address(person: Person) -> Person:
    Person.objects.filter(pk=person.pk).update(email=None)
    return person


def deactivated(person: Person) -> Person:
    Person.objects.filter(pk=person.pk).update(is_active=False)
    return person


def asked_then(c: Crowd, change: Callable[[Person], object]) -> None:
    """Ask two people, then change one of them before the mail is planned."""
    c.asked(c.stranger, c.boris)
    change(c.stranger)


def reminded(c: Crowd) -> None:
    approval = c.asked(c.stranger, c.boris, rule="all")
    answer_approval(**by(c.boris), approval=approval, approved=True)
    c.fresh()
    remind_approval(at=LATER, approval=approval)


def decided(c: Crowd, *, agent_after: Callable[[Person], object] | None = None, rule: str = "one") -> None:
    c.given_to(c.helper)
    approval = c.asked(c.boris, c.stranger, rule=rule)
    if agent_after is not None:
        agent_after(c.agent)
    c.fresh()
    answer_approval(**by(c.boris), approval=approval, approved=True)


def opened_again(c: Crowd, who: Person) -> None:
    c.steps(c.agent, "Закрыть")
    c.fresh()
    c.steps(who, "Открыть снова")


def undelivered(c: Crowd) -> None:
    c.tells(MailUndelivered(key=c.ticket.key, mail=1, address="x@clinic.test", words="550"))


def lost(c: Crowd) -> None:
    """Let the requester's mail bounce, which changes the status without notices."""
    c.steps(c.agent, "Ждать ответа заявителя")
    c.fresh()
    told_before(c, "comment", timedelta(minutes=1))
    assert note_undelivered(at=LATER, ticket=c.ticket, mail=OutboundMail.objects.get(cause=BEFORE))
    assert Event.objects.filter(dispatched_at=None, kind="ticket.status_changed").exists()


def named(c: Crowd, *people: Person, by_whom: Person) -> None:
    joined = tuple(Joined(person=person.pk, name="x") for person in people)
    c.tells(ParticipantsAdded(key=c.ticket.key, people=joined, mail=1), by_whom)


def not_added(c: Crowd, doer: Person) -> None:
    c.tells(NewcomersLeft(key=c.ticket.key, addresses=("x@y.test",), mail=1), doer)


def told_before(c: Crowd, kind: str, ago: timedelta) -> None:
    """Create a mail of this kind about the ticket, written `ago` before LATER."""
    mail: dict[str, Any] = {
        "sender": "accredo@desk.test",
        "subject": "s",
        "text": "t",
        "created_at": LATER - ago,
        "retry_at": START,
    }
    OutboundMail.objects.create(
        **mail, recipient="anna@clinic.test", kind=kind, cause=BEFORE, message_id="x@desk.test", ticket_id=c.ticket.pk,
        person=c.anna,
    )  # fmt: skip


def sent_and(c: Crowd, then: Callable[[Forward], object]) -> None:
    forward = c.sent_on(c.agent)
    then(forward)


def answered(c: Crowd, *, forwarder_leaves: bool = False, assignee: str = "", count: int = 1) -> None:
    forward = c.sent_on(c.agent)
    if assignee:
        c.given_to(getattr(c, assignee))
    if forwarder_leaves:
        c.leaves(c.agent)
    c.fresh()
    many(c, lambda: c.answered(forward), count)


def given_away(c: Crowd, change: Callable[[Person], object]) -> None:
    """Assign the agent, change the agent, then let the customer write."""
    c.given_to(c.agent)
    change(c.agent)
    c.says(c.anna)


def brought(c: Crowd) -> None:
    guest = ensure_person(address="guest@clinic.test", name="", at=START)[0]
    add_participant(**by(c.boris), ticket=c.ticket, person=guest)
    c.fresh()


def requester_is(c: Crowd, person: Person, **more: Any) -> None:
    change_requester(**by(c.agent), ticket=c.ticket, person=person, **more)


def admitted(c: Crowd, *, own: bool = False) -> None:
    c.given_to(c.agent)
    message = c.held("anna@clinic.test")
    Message.objects.filter(pk=message.pk).update(created_at=START)
    message.refresh_from_db()
    c.fresh()
    if own:
        admit_own(at=LATER, message=message, person=c.anna)
    else:
        admit_message(**by(c.lead), message=message)


def withdrawn(c: Crowd) -> None:
    message = c.says(c.agent)
    withdraw_message(**by(c.agent), message=message)


def invites(c: Crowd, *, desk_invites: bool = True) -> None:
    Desk.objects.filter(pk=c.desk.pk).update(activation_mail=desk_invites)
    c.desk.refresh_from_db()


LOOP = settings.LOOP_MAILS
CUSTOMERS, WITHOUT_ANNA, WITHOUT_LATE = "anna boris late new", "boris late new", "anna boris new"
CASES: dict[str, tuple[Callable[[Crowd], object], dict[str, str]]] = {
    # Words.
    "an agent answers": (lambda c: c.says(c.agent), {"comment": CUSTOMERS}),
    "an agent notes": (lambda c: c.says(c.agent, kind=INSIDE), {}),
    "an agent names a colleague in a note": (
        lambda c: c.says(c.agent, "@helper, посмотрите", kind=INSIDE), {"mentioned": "helper"}),
    "an agent names a colleague in public": (
        lambda c: c.says(c.agent, "@helper поможет"), {"comment": CUSTOMERS, "mentioned": "helper"}),
    "a customer names an agent": (
        lambda c: c.says(c.anna, "@helper!"), {"comment": WITHOUT_ANNA, "unassigned": "lead"}),
    "an agent answers and takes it back": (withdrawn, {}),
    "a customer writes": (lambda c: c.says(c.anna), {"comment": WITHOUT_ANNA, "unassigned": "lead"}),
    "another customer writes": (lambda c: c.says(c.boris), {"comment": "anna late new", "unassigned": "lead"}),
    "a customer writes to the agent": (
        lambda c: (c.given_to(c.agent), c.says(c.anna)), {"comment": WITHOUT_ANNA, "customer_replied": "agent"}),
    "a colleague answers for the agent": (lambda c: (c.given_to(c.agent), c.says(c.helper)), {"comment": CUSTOMERS}),
    "a colleague notes": (lambda c: (c.given_to(c.agent), c.says(c.helper, kind=INSIDE)), {}),
    "a customer writes, the agent left": (lambda c: given_away(c, c.leaves), {"comment": WITHOUT_ANNA}),
    "a customer writes, the agent is off": (lambda c: given_away(c, deactivated), {"comment": WITHOUT_ANNA}),
    "a customer writes, the agent has no address": (
        lambda c: given_away(c, without_address), {"comment": WITHOUT_ANNA}),
    "the last mail that is no loop": (
        lambda c: many(c, lambda: c.mails(c.anna), LOOP), {"comment": WITHOUT_ANNA, "unassigned": "lead"}),
    "one mail more, a machine's": (lambda c: many(c, lambda: c.mails(c.anna), LOOP + 1), {}),
    "the same to the agent who has it": (
        lambda c: (c.given_to(c.agent), many(c, lambda: c.mails(c.anna), LOOP + 1)), {}),
    "as many on the portal, a person's": (
        lambda c: many(c, lambda: c.says(c.anna), LOOP + 1), {"comment": WITHOUT_ANNA, "unassigned": "lead"}),
    "mail from before the desk's time": (lambda c: c.mails(c.anna, imported=True), {}),
    # Words that wait.
    "held": (lambda c: c.held(""), {"held": "lead"}),
    "held, the agent has it": (lambda c: (c.given_to(c.agent), c.held("")), {"held": "agent"}),
    "held, of another address of somebody": (
        lambda c: c.held("nobody@clinic.test"), {"held": "lead", "own_address": "anna"}),
    "held, of somebody on it": (lambda c: c.held("boris@clinic.test"), {"held": "lead"}),
    "held, of somebody taken off": (
        lambda c: c.held("gone@clinic.test"), {"held": "lead", "own_address": "anna"}),
    "held, of another address within a day": (
        lambda c: (told_before(c, "own_address", DAY - SECOND), c.held("nobody@clinic.test")), {"held": "lead"}),
    "held, of a machine": (lambda c: c.held("nobody@clinic.test", silent="auto"), {"held": "lead"}),
    "let in by an agent": (lambda c: admitted(c), {"comment": WITHOUT_LATE}),
    "let in as one's own": (
        lambda c: admitted(c, own=True), {"comment": "boris new", "customer_replied": "agent"}),
    # Steps.
    "an agent closes": (lambda c: c.steps(c.agent, "Закрыть"), {"closed": CUSTOMERS}),
    "a customer closes": (lambda c: c.steps(c.anna, "Закрыть"), {"closed": WITHOUT_ANNA}),
    "an agent waits": (lambda c: c.steps(c.agent, "Ждать ответа заявителя"), {"status_changed": CUSTOMERS}),
    "a customer opens it again": (
        lambda c: opened_again(c, c.anna), {"status_changed": WITHOUT_ANNA, "customer_moved": "lead"}),
    "a customer opens it again, the agent has it": (
        lambda c: (c.given_to(c.agent), opened_again(c, c.boris)),
        {"status_changed": "anna late new", "customer_moved": "agent"}),
    "an agent opens it again": (
        lambda c: (c.given_to(c.helper), opened_again(c, c.agent)), {"status_changed": CUSTOMERS}),
    "a lost mail moves it": (lost, {}),
    # Who is on it.
    "an agent shares": (
        lambda c: add_participant(**by(c.agent), ticket=c.ticket, person=c.stranger),
        {"added": "stranger", "shared": "anna"}),
    "the requester shares": (
        lambda c: add_participant(**by(c.anna), ticket=c.ticket, person=c.stranger), {"added": "stranger"}),
    "a mail names people": (
        lambda c: named(c, c.boris, c.muted, c.stranger, by_whom=c.late), {"added": "boris", "shared": "anna"}),
    "a mail names its writer": (
        lambda c: named(c, c.boris, c.late, by_whom=c.late), {"added": "boris", "shared": "anna"}),
    "the requester's mail names people": (lambda c: named(c, c.boris, by_whom=c.anna), {"added": "boris"}),
    "a mail names too many": (lambda c: not_added(c, c.boris), {"not_added": "boris"}),
    "a mail names too many within a day": (
        lambda c: (told_before(c, "not_added", DAY - SECOND), not_added(c, c.boris)), {}),
    "a mail names too many a day later": (
        lambda c: (told_before(c, "not_added", DAY), not_added(c, c.boris)), {"not_added": "boris"}),
    "a mail of somebody muted names too many": (lambda c: not_added(c, c.muted), {}),
    "another becomes the requester": (lambda c: requester_is(c, c.stranger), {"accepted": "stranger"}),
    "somebody whom a customer brought hears of a customer's words": (
        lambda c: (brought(c), c.says(c.anna)),
        {"comment": WITHOUT_ANNA, "unread": "guest", "unassigned": "lead"}),
    "somebody whom a customer brought hears an agent's words": (
        lambda c: (brought(c), c.says(c.agent)), {"comment": "anna boris guest late new"}),
    "somebody whom a customer brought hears of the end": (
        lambda c: (brought(c), c.steps(c.agent, "Закрыть")), {"closed": "anna boris guest late new"}),
    # Who works at it.
    "given by the lead": (lambda c: assign(**by(c.lead), ticket=c.ticket, assignee=c.agent), {"assigned": "agent"}),
    "taken": (lambda c: assign(**by(c.agent), ticket=c.ticket, assignee=c.agent), {}),
    "given, and gone before the mail": (
        lambda c: (assign(**by(c.lead), ticket=c.ticket, assignee=c.agent), c.leaves(c.agent)), {}),
    "a mail did not arrive": (undelivered, {"undelivered": "lead"}),
    "a mail did not arrive, the agent has it": (
        lambda c: (c.given_to(c.agent), undelivered(c)), {"undelivered": "agent"}),
    # Approvals.
    "asked": (lambda c: c.asked(c.stranger, c.boris), {"approval_asked": "boris stranger"}),
    "asked, one left": (lambda c: asked_then(c, deactivated), {"approval_asked": "boris"}),
    "asked, one without address": (lambda c: asked_then(c, without_address), {"approval_asked": "boris"}),
    "an agent asks oneself, too": (lambda c: c.asked(c.agent, c.stranger), {"approval_asked": "stranger"}),
    "who has not answered is reminded": (reminded, {"approval_reminder": "stranger"}),
    "decided": (
        lambda c: decided(c), {"approval_decided": "anna late new", "approval_told": "agent helper"}),
    "decided, the asker left": (
        lambda c: decided(c, agent_after=c.leaves), {"approval_decided": "anna late new", "approval_told": "helper"}),
    "decided, the asker has no address": (
        lambda c: decided(c, agent_after=without_address),
        {"approval_decided": "anna late new", "approval_told": "helper"}),
    "decided, nobody has it": (
        lambda c: answer_approval(**by(c.boris), approval=ask_of(c, c.boris), approved=False, words="Нет"),
        {"approval_decided": "anna late new", "approval_told": "agent lead"}),
    "one of all approves": (lambda c: decided(c, rule="all"), {}),
    "who is asked asks back": (
        lambda c: ask_about(**by(c.stranger), approval=ask_of(c, c.stranger), words="Зачем?"),
        {"comment": CUSTOMERS, "customer_replied": "agent", "unassigned": "lead"}),
    "who asked back hears the answer": (lambda c: late_vote(c), {"approval_talk": "stranger", "comment": CUSTOMERS}),
    "who asked back before": (
        lambda c: late_vote(c, timedelta(minutes=4, seconds=1)), {"comment": CUSTOMERS}),
    "who asked back and decided": (lambda c: late_vote(c, answer="yes"), {"comment": CUSTOMERS}),
    "who asked back when others decided and others are asked by now": (
        lambda c: late_vote(
            c, then=lambda _who: (Approval.objects.update(state="approved", settled_at=LATER), c.asked(c.boris))
        ),
        {"comment": CUSTOMERS}),
    "who asked back and left": (
        lambda c: late_vote(c, then=deactivated), {"comment": CUSTOMERS}),
    "who asked back and has no address": (
        lambda c: late_vote(c, then=without_address), {"comment": CUSTOMERS}),
    "who asked back is told nothing of a machine's mails": (
        lambda c: (
            ask_about(**by(c.stranger), approval=ask_of(c, c.stranger), words="Зачем?"),
            many(c, lambda: c.mails(c.anna), LOOP + 1)),
        {}),
    "who only is asked": (lambda c: (ask_of(c, c.stranger), c.says(c.agent)), {"comment": CUSTOMERS}),
    # To somebody outside.
    "forwarded": (lambda c: c.sent_on(c.agent), {"forwarded": "shop"}),
    "forwarded and taken back": (
        lambda c: sent_and(c, lambda forward: withdraw_message(**by(c.agent), message=forward.message)), {}),
    "answered from outside": (lambda c: answered(c), {"forward_answered": "agent lead"}),
    "answered from outside, another has it": (
        lambda c: answered(c, assignee="helper"), {"forward_answered": "agent helper"}),
    "answered from outside, who forwarded left": (
        lambda c: answered(c, forwarder_leaves=True), {"forward_answered": "lead"}),
    "answered from outside, a machine": (lambda c: answered(c, count=LOOP + 1), {}),
    # New ones.
    "opened by mail, nobody knows the writer": (
        lambda c: (invites(c), c.opened(c.new)), {"accepted": "new", "activation": "new", "new_request": "lead"}),
    "opened by mail, the desk invites nobody": (
        lambda c: (invites(c, desk_invites=False), c.opened(c.new)), {"accepted": "new", "new_request": "lead"}),
    "opened by mail": (lambda c: (invites(c), c.opened(c.anna)), {"accepted": "anna", "new_request": "lead"}),
    "opened by phone": (
        lambda c: (invites(c), c.opened(c.new, "phone")), {"accepted": "new", "new_request": "lead"}),
    "opened by a machine": (
        lambda c: (invites(c), c.opened(c.new, silent="auto")), {"new_request": "lead"}),
    "opened by mail from before the desk's time": (
        lambda c: (invites(c), c.opened(c.new, imported=True)), {}),
}  # fmt: skip


@pytest.mark.parametrize("act", CASES)
def test_who_is_told(crowd: Crowd, act: str) -> None:
    does, expected = CASES[act]
    does(crowd)
    assert crowd.told() == expected
