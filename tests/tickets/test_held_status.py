"""Every action on a ticket while another connection holds a status change: it succeeds or gives its reason, and typed
text is kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from otklik.desks.models import ApprovalRule, Desk, Status, Transition
from otklik.intake.process import process_next
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox
from otklik.mail.tokens import sign
from otklik.people.actor import Actor
from otklik.people.models import Organization, OrganizationMember
from otklik.tickets.approvals import vote_token
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.pending import hold_reply
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words, written
from otklik.tickets.models import Approval, Message, Participant, PendingReply, SharedOrganization, Ticket
from otklik.tickets.pumps.pending_replies import release_next
from otklik.tickets.ratings import rating_token, reopen_token
from tests.cast import Cast, as_
from tests.meanwhile import meanwhile
from tests.postoffice import letter
from tests.workspace.helpers import words_said

WORDS = "СЛОВА-КОТОРЫЕ-НЕЛЬЗЯ-ПОТЕРЯТЬ"
Act = Callable[[Cast, Client], Any]


def moving(cast: Cast, *, to_done: bool = False) -> Callable[[], object]:
    """Return a function in which the lead changes the status."""
    ticket = Ticket.objects.select_related("status").get(pk=cast.ticket.pk)
    rows = Transition.objects.filter(desk=cast.desk, for_agents=True).exclude(target=ticket.status)
    rows = rows.filter(source=ticket.status) | rows.filter(source=None)
    done = Status.Category.DONE
    row = rows.filter(target__category=done).first() if to_done else rows.exclude(target__category=done).first()
    assert row is not None
    return lambda: change_status(actor=Actor(cast.lead, "agent"), at=timezone.now(), ticket=ticket, transition=row)


def agents(tail: str, **data: Any) -> Act:
    return lambda cast, _client: as_(cast.agent).post(f"/browse/{cast.ticket.key}/{tail}", data)


def customers(tail: str, **data: Any) -> Act:
    place = "/servicedesk/customer/portal"
    return lambda cast, _client: as_(cast.anna).post(f"{place}/{cast.desk.pk}/{cast.ticket.key}/{tail}", data)


def step(cast: Cast, *, target: str = "") -> int:
    rows = Transition.objects.filter(desk=cast.desk, for_agents=True).filter(source=cast.ticket.status)
    return (rows.filter(target__name=target) if target else rows).order_by("position")[0].pk


def by_mail(text: str) -> Act:
    def act(cast: Cast, _client: Client) -> None:
        box = Mailbox.objects.get(address="accredo@desk.test")
        link = Participant.objects.get(ticket=cast.ticket, person=cast.anna)
        to = f"accredo+{sign(link.pk, link.epoch)}@desk.test"
        raw = letter(to=to, text=text, subject=f"Re: [{cast.ticket.key}] протокол")
        at = timezone.now()
        accept(raw=raw, mailbox=box, transport="smtp", envelope_from="anna@clinic.test", envelope_to=to, at=at)
        process_next()

    return act


def before(cast: Cast, *, who: str = "agent") -> Message:
    person = getattr(cast, who)
    return comment(
        actor=Actor(person, "agent"), at=timezone.now(), ticket=cast.ticket, words=written("ПРЕЖДЕ сказанное")
    )


def kept(response: Any) -> bool:
    """Return whether the text is on the answered page, in its messages or in a row."""
    said = response.content.decode() + "".join(words_said(response)) if hasattr(response, "content") else ""
    shown = WORDS in said
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM tickets_message WHERE text LIKE %(w)s)"
            " OR EXISTS (SELECT FROM tickets_pendingreply WHERE text LIKE %(w)s)"
            " OR EXISTS (SELECT FROM tickets_ticket WHERE subject LIKE %(w)s)"
            " OR EXISTS (SELECT FROM tickets_rating WHERE words LIKE %(w)s)"
            " OR EXISTS (SELECT FROM tickets_approval WHERE question LIKE %(w)s)"
            " OR EXISTS (SELECT FROM tickets_vote WHERE words LIKE %(w)s)",
            {"w": f"%{WORDS}%"},
        )
        (there,) = cursor.fetchone()
    return shown or bool(there)


WITH_WORDS: dict[str, Act] = {
    "reply": agents("reply", comment=WORDS),
    "reply with a step": lambda cast, _: as_(cast.agent).post(
        f"/browse/{cast.ticket.key}/reply", {"comment": WORDS, "step": step(cast)}
    ),
    "note": agents("note", comment=WORDS),
    "reply for later": agents("reply", comment=WORDS, send_at="2027-01-11T10:00"),
    "subject": agents("subject", subject=WORDS),
    "ask for an approval": agents("approvals", addresses="boris@clinic.test", rule="one", question=WORDS),
    "comment": customers("comment", comment=WORDS),
    "mail": by_mail(WORDS),
    "mail that closes": by_mail(f"Закрыть\n\n{WORDS}"),
}


@pytest.mark.parametrize("name", WITH_WORDS)
@pytest.mark.parametrize("to_done", [False, True])
def test_words_written_during_a_change_of_the_status_are_kept(people: Cast, name: str, to_done: bool) -> None:
    Desk.objects.update(hold_seconds=0)
    with meanwhile(moving(people, to_done=to_done)) as other:
        response = WITH_WORDS[name](people, Client())
    assert other.waited
    assert getattr(response, "status_code", 302) in {302, 409, 422}
    assert kept(response)
    assert not InboundMail.objects.exclude(state="filed").exclude(state="held").exists()
    assert Ticket.objects.count() == 1


def test_a_mail_during_a_change_of_the_status_takes_one_try_and_goes_where_it_belongs(people: Cast) -> None:
    with meanwhile(moving(people)):
        by_mail(WORDS)(people, Client())
    mail = InboundMail.objects.get()
    assert (mail.attempts, mail.ticket_key, Ticket.objects.count()) == (0, people.ticket.key, 1)


def shared(cast: Cast) -> Organization:
    made = Organization.objects.create(name="Клиника", domains=[])
    OrganizationMember.objects.create(organization=made, person=cast.anna)
    return made


PLAIN: dict[str, Act] = {
    "take": agents("take"),
    "assign": lambda cast, _: agents("assign", assignee=cast.lead.pk)(cast, _),
    "priority": lambda cast, _: agents(
        "priority", priority=cast.desk.priorities.exclude(pk=cast.ticket.priority_id)[0].pk
    )(cast, _),
    "transition": lambda cast, _: agents(f"transition/{step(cast)}")(cast, _),
    "answers": agents("answers"),
    "share": agents("participants", address="new@clinic.test"),
    "unshare": lambda cast, _: agents(f"participants/{cast.boris.pk}/remove")(cast, _),
    "share by a customer": customers("share", email="colleague@clinic.test"),
    "unshare by a customer": lambda cast, _: customers(f"share/{cast.boris.pk}/remove")(cast, _),
    "mute": customers("notifications", muted="1"),
    "share with an organisation": lambda cast, _: customers(
        "share/organization", organization=Organization.objects.get().pk
    )(cast, _),
}


@pytest.mark.parametrize("name", PLAIN)
def test_an_act_during_a_change_of_the_status_is_done_or_refused_in_words(people: Cast, name: str) -> None:
    shared(people)
    with meanwhile(moving(people)) as other:
        response = PLAIN[name](people, Client())
    assert response.status_code == 302
    assert other.waited or name == "answers"
    assert Ticket.objects.get(pk=people.ticket.pk).status_id != people.ticket.status_id


def test_two_agents_who_move_one_ticket_are_both_answered(people: Cast) -> None:
    with meanwhile(moving(people)):
        response = agents(f"transition/{step(people)}")(people, Client())
    assert response.status_code == 302


def test_messages_are_changed_taken_back_and_let_in_during_a_change_of_the_status(people: Cast) -> None:
    Desk.objects.update(edit_minutes=15)
    mine = before(people)
    with meanwhile(moving(people)) as other:
        edited = as_(people.agent).post(f"/browse/{people.ticket.key}/messages/{mine.pk}/edit", {"comment": WORDS})
    assert other.waited and kept(edited)
    people.ticket.refresh_from_db()
    with meanwhile(moving(people)) as other:
        taken = as_(people.agent).post(f"/browse/{people.ticket.key}/messages/{mine.pk}/withdraw")
    assert other.waited and taken.status_code == 302
    mine.refresh_from_db()
    assert mine.withdrawn_at is not None


def held_mail(cast: Cast) -> InboundMail:
    """Return a stranger's mail about the ticket, which is held."""
    box = Mailbox.objects.get(address="accredo@desk.test")
    raw = letter(sender="stranger@elsewhere.test", text=WORDS, subject=f"Re: [{cast.ticket.key}] протокол")
    mail = accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=timezone.now())
    assert mail is not None and process_next()
    mail.refresh_from_db()
    return mail


@pytest.mark.parametrize("act", ["admit", "request", "attach", "spam", "done", "again"])
def test_a_held_mail_is_placed_during_a_change_of_the_status(people: Cast, act: str) -> None:
    Message.objects.filter(ticket=people.ticket).update(inbound=None)
    mail = held_mail(people)
    assert mail.state == "held" or mail.ticket_id
    data = {"ticket": people.ticket.key} if act == "attach" else {}
    with meanwhile(moving(people)):
        response = as_(people.agent).post(f"/projects/ACCREDO/mail/{mail.pk}/{act}", data)
    assert response.status_code in {302, 409, 422}
    assert kept(response)


def test_a_reply_that_waits_is_moved_taken_back_and_sent_during_a_change_of_the_status(people: Cast) -> None:
    at = timezone.now()
    reply = hold_reply(
        actor=Actor(people.agent, "agent"), at=at, ticket=people.ticket, words=written(WORDS),
        due_at=at + timedelta(minutes=5),
    )  # fmt: skip
    place = f"/browse/{people.ticket.key}/replies/{reply.pk}"
    for tail, data in (("move", {"send_at": "2027-01-11T10:00"}), ("now", {})):
        people.ticket.refresh_from_db()
        with meanwhile(moving(people)) as other:
            assert as_(people.agent).post(f"{place}/{tail}", data).status_code == 302
        assert other.waited
    reply.refresh_from_db()
    assert reply.state == PendingReply.State.SENT
    assert Message.objects.filter(text=WORDS).count() == 1


def test_a_reply_whose_time_has_come_goes_during_a_change_of_the_status(people: Cast) -> None:
    at = timezone.now() - timedelta(minutes=10)
    hold_reply(
        actor=Actor(people.agent, "agent"), at=at, ticket=people.ticket, words=written(WORDS),
        due_at=at + timedelta(minutes=5),
    )  # fmt: skip
    with meanwhile(moving(people)) as other:
        assert release_next()
    assert other.waited
    assert Message.objects.filter(text=WORDS).count() == 1


@pytest.mark.parametrize("answer", ["approve", "decline"])
def test_an_approval_is_answered_and_taken_back_during_a_change_of_the_status(people: Cast, answer: str) -> None:
    approval = ask_approval(
        actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, people=[people.boris],
        rule=ApprovalRule.ONE,
    )  # fmt: skip
    place = f"/servicedesk/customer/portal/{people.desk.pk}/{people.ticket.key}/approval/{approval.pk}/{answer}"
    with meanwhile(moving(people)) as other:
        response = as_(people.boris).post(place, {"words": WORDS})
    assert other.waited and response.status_code == 302 and kept(response)
    approval.refresh_from_db()
    assert approval.state == Approval.State.APPROVED if answer == "approve" else Approval.State.DECLINED


def test_an_approval_is_taken_back_during_a_change_of_the_status(people: Cast) -> None:
    approval = ask_approval(
        actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, people=[people.boris],
        rule=ApprovalRule.ONE,
    )  # fmt: skip
    with meanwhile(moving(people)) as other:
        response = agents(f"approvals/{approval.pk}/withdraw")(people, Client())
    assert other.waited and response.status_code == 302
    approval.refresh_from_db()
    assert approval.state == Approval.State.WITHDRAWN


def test_a_request_is_rated_while_it_is_opened_again(people: Cast) -> None:
    moving(people, to_done=True)()
    people.ticket.refresh_from_db()
    with meanwhile(moving(people)) as other:
        response = customers("rating", score="5", words=WORDS)(people, Client())
    assert other.waited and response.status_code in {302, 422}


def mailed_message(cast: Cast) -> Message:
    """Return a comment on the ticket that came by mail."""
    by_mail(WORDS)(cast, Client())
    return Message.objects.get(ticket=cast.ticket, text__contains=WORDS)


@pytest.mark.parametrize("act", ["move", "split"])
def test_a_mail_goes_elsewhere_from_its_message_during_a_change_of_the_status(people: Cast, act: str) -> None:
    message, people.ticket = mailed_message(people), Ticket.objects.get(pk=people.ticket.pk)
    target = open_ticket(
        actor=Actor(people.anna, "portal"), at=timezone.now(), desk=people.desk, channel="portal", subject="другой",
        words=Words("x"), requester=people.anna,
    )  # fmt: skip
    data = {"ticket": target.key} if act == "move" else {}
    with meanwhile(moving(people)) as other:
        response = as_(people.agent).post(f"/browse/{people.ticket.key}/messages/{message.pk}/{act}", data)
    assert other.waited and response.status_code == 302
    (words,) = Message.objects.filter(text__contains=WORDS)
    assert words.ticket_id == target.pk if act == "move" else words.ticket_id not in {people.ticket.pk, target.pk}


@pytest.mark.parametrize("address", ["new@clinic.test", ""])
def test_who_was_to_be_added_is_answered_during_a_change_of_the_status(people: Cast, address: str) -> None:
    message = before(people)
    Message.objects.filter(pk=message.pk).update(asked=["new@clinic.test"])
    people.ticket.refresh_from_db()
    with meanwhile(moving(people)) as other:
        response = agents(f"messages/{message.pk}/asked", address=address)(people, Client())
    assert other.waited and response.status_code == 302
    message.refresh_from_db()
    assert message.asked == []
    assert Participant.objects.filter(ticket=people.ticket, person__email="new@clinic.test").exists() is bool(address)


def test_an_organisation_is_taken_off_during_a_change_of_the_status(people: Cast) -> None:
    made = shared(people)
    customers("share/organization", organization=made.pk)(people, Client())
    people.ticket.refresh_from_db()
    assert SharedOrganization.objects.filter(ticket=people.ticket).exists()
    with meanwhile(moving(people)) as other:
        response = customers(f"share/organization/{made.pk}/remove")(people, Client())
    assert other.waited and response.status_code == 302
    assert not SharedOrganization.objects.filter(ticket=people.ticket).exists()


def test_a_rating_by_mail_is_taken_or_kept_as_words_while_the_request_is_opened_again(people: Cast) -> None:
    moving(people, to_done=True)()
    people.ticket.refresh_from_db()
    with meanwhile(moving(people)) as other:
        by_mail("Оценка: 4")(people, Client())
    assert other.waited
    mail = InboundMail.objects.get()
    assert (mail.attempts, mail.state, mail.ticket_key) == (0, "filed", people.ticket.key)
    assert Message.objects.filter(ticket=people.ticket, inbound=mail).exists() and Ticket.objects.count() == 1


def test_a_rating_by_mail_is_taken_while_the_subject_changes(people: Cast) -> None:
    moving(people, to_done=True)()
    people.ticket.refresh_from_db()
    mine = Ticket.objects.filter(pk=people.ticket.pk)
    with meanwhile(lambda: mine.update(subject="другая тема")) as other:
        by_mail("Оценка: 4")(people, Client())
    assert other.waited and people.ticket.rating.score == 4


def link_of(cast: Cast) -> Participant:
    return Participant.objects.get(ticket=cast.ticket, person=cast.anna)


def test_the_links_of_mails_work_during_a_change_of_the_status(people: Cast) -> None:
    moving(people, to_done=True)()
    people.ticket.refresh_from_db()
    reopen, place = reopen_token(link_of(people)), "/servicedesk/customer"
    with meanwhile(moving(people)) as other:
        response = Client().post(f"{place}/reopen/{reopen}")
    assert other.waited and response.status_code == 200
    assert Ticket.objects.get(pk=people.ticket.pk).closed_at is None
    people.ticket.refresh_from_db()
    moving(people, to_done=True)()
    people.ticket.refresh_from_db()
    with meanwhile(moving(people)) as other:
        response = Client().post(f"{place}/rating/{rating_token(link_of(people))}", {"score": "5", "words": WORDS})
    assert other.waited and response.status_code in {200, 422} and kept(response)


@pytest.mark.parametrize("answer", ["approve", "decline"])
def test_the_link_of_an_approval_answers_during_a_change_of_the_status(people: Cast, answer: str) -> None:
    Desk.objects.update(approval_links=True)
    approval = ask_approval(
        actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, people=[people.boris],
        rule=ApprovalRule.ONE,
    )  # fmt: skip
    token = vote_token(approval.votes.get())
    with meanwhile(moving(people)) as other:
        response = Client().post(f"/servicedesk/customer/approval/{token}", {"answer": answer, "words": WORDS})
    assert other.waited and response.status_code == 200 and kept(response)
    approval.refresh_from_db()
    assert approval.state == (Approval.State.APPROVED if answer == "approve" else Approval.State.DECLINED)
