"""Bulk replies, participants and spam."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.desks.queries import own_addresses
from otklik.intake.bulk_acts import Spam
from otklik.mail.models import OutboundMail
from otklik.notify.forecast import forecast
from otklik.people.actor import Actor
from otklik.tickets.bulk.acts import Act
from otklik.tickets.bulk.consequences import consequences
from otklik.tickets.bulk.reply_and_share import Reply, Share
from otklik.tickets.commands.bulk import release_bulk, undo_bulk
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.pending import move_reply
from otklik.tickets.content import Words
from otklik.tickets.models import BulkRun, Message, Participant, PendingReply, Ticket
from otklik.tickets.pumps.pending_replies import release_next
from tests.acting import by
from tests.cast import Cast
from tests.postoffice import letter, put_mail, run_all
from tests.tickets.bulk.parts import done, loaded, more_tickets, states, worked
from tests.tickets.bulk.test_acts import NAMES, acts
from tests.tickets.bulk.test_mails import begun_now, dispatched, mails, over

SAID = "Мы починили вход, попробуйте ещё раз."


def taken_back(cast: Cast, run: BulkRun) -> BulkRun:
    now = timezone.now()
    return worked(undo_bulk(actor=Actor(cast.agent, "agent"), at=now, run=run), now)


def released() -> None:
    while release_next():
        pass


def test_each_gets_a_reply_of_their_own_when_the_time_is_over(cast: Cast) -> None:
    tickets = more_tickets(cast, 3)
    run = begun_now(cast, tickets, Reply(SAID))
    released()
    dispatched()
    assert mails() == [] and not Message.objects.filter(text=SAID).exists()
    assert {reply.due_at for reply in PendingReply.objects.all()} == {run.undo_until}
    release_bulk(actor=Actor(cast.agent, "agent"), at=timezone.now(), run=run)
    released()
    dispatched()
    assert mails() == [("anna@clinic.test", "comment")] * 3 + [("boris@clinic.test", "comment")]
    assert set(Message.objects.filter(text=SAID).values_list("ticket", "author")) == {
        (ticket.pk, cast.agent.pk) for ticket in tickets
    }


def test_replies_are_taken_back_whatever_was_written_since(cast: Cast) -> None:
    tickets = more_tickets(cast, 2)
    run = begun_now(cast, tickets, Reply(SAID))
    comment(actor=Actor(cast.anna, "portal"), at=timezone.now(), ticket=tickets[0], words=Words("Жду"))
    assert states(taken_back(cast, run)) == ["undone", "undone"]
    released()
    assert not PendingReply.objects.exists() and not Message.objects.filter(text=SAID).exists()


def test_a_reply_that_somebody_sent_meanwhile_is_not_taken_back(cast: Cast) -> None:
    run = begun_now(cast, more_tickets(cast, 2), Reply(SAID))
    PendingReply.objects.filter(ticket=cast.ticket).update(due_at=timezone.now() - timedelta(seconds=1))
    released()
    assert states(taken_back(cast, run)) == ["ticket.reply_gone", "undone"]


def test_a_reply_that_somebody_gave_a_time_of_its_own_keeps_it(cast: Cast) -> None:
    run = begun_now(cast, [cast.ticket], Reply(SAID))
    actor, tomorrow = Actor(cast.agent, "agent"), timezone.now() + timedelta(days=1)
    move_reply(actor=actor, at=timezone.now(), reply=PendingReply.objects.get(), due_at=tomorrow)
    release_bulk(actor=actor, at=timezone.now(), run=run)
    assert PendingReply.objects.get().due_at == tomorrow


def test_a_desk_s_own_address_is_said_before(cast: Cast) -> None:
    own = min(own_addresses())
    stay = consequences(Share(own), Actor(cast.agent, "agent"), loaded([cast.ticket])).staying
    assert [reason.refusal.code for reason in stay] == states(done(cast.agent, [cast.ticket], Share(own)))


def test_somebody_joins_all_and_leaves_only_where_they_joined(cast: Cast) -> None:
    tickets = more_tickets(cast, 2)
    run = done(cast.agent, tickets, Share("boris@clinic.test", history=True), timezone.now())
    assert states(run) == ["ticket.unchanged", "done"]
    assert Participant.objects.get(ticket=tickets[1], person=cast.boris).sees_from is None
    taken_back(cast, run)
    on = Participant.objects.filter(person=cast.boris, removed_at=None)
    assert [participant.ticket_id for participant in on] == [cast.ticket.pk]


def test_whoever_joined_and_wrote_since_stays(cast: Cast) -> None:
    tickets = more_tickets(cast, 3)[1:]
    run = done(cast.agent, tickets, Share("boris@clinic.test"), timezone.now())
    comment(actor=Actor(cast.boris, "portal"), at=timezone.now(), ticket=tickets[0], words=Words("Я тоже"))
    assert states(taken_back(cast, run)) == ["ticket.changed_since", "undone"]
    assert Participant.objects.filter(person=cast.boris, ticket=tickets[0], removed_at=None).exists()


@pytest.mark.parametrize("act", [Reply(SAID), Share("boris@clinic.test"), Share("new@clinic.test")], ids=repr)
def test_as_many_mails_go_as_were_forecast(cast: Cast, act: Act) -> None:
    tickets, actor = more_tickets(cast, 3), Actor(cast.agent, "agent")
    changing = [ticket for ticket in loaded(tickets) if act.refusal(actor, ticket) is None]
    said = forecast(changing, act, actor, timezone.now())
    run = begun_now(cast, tickets, act)
    release_bulk(actor=actor, at=timezone.now(), run=run)
    released()
    dispatched()
    assert (OutboundMail.objects.count(), run.items.filter(state="done").count()) == (said.mails, len(changing))


def test_spam_is_closed_quietly_and_comes_back(cast: Cast) -> None:
    mail = put_mail(letter(sender="spam@evil.test", text="Купите"))
    run_all(deliver_too=False)
    mail.refresh_from_db()
    ticket = Ticket.objects.get(pk=mail.ticket_id)
    run = begun_now(cast, [ticket, cast.ticket], Spam())
    assert [item.state for item in run.items.order_by("position")] == ["done", "left"]
    # A refusal of another package is kept in words, in the language of whoever began it.
    assert run.items.get(ticket=cast.ticket).why == "Запрос пришёл не по почте."
    over(run)
    dispatched()
    mail.refresh_from_db()
    assert mail.fate == "spam" and mails() == []
    assert begun_now(cast, [ticket], Spam()).items.get().state == "left"


def test_spam_is_taken_back(cast: Cast) -> None:
    mail = put_mail(letter(sender="spam@evil.test", text="Купите"))
    run_all(deliver_too=False)
    mail.refresh_from_db()
    before, ticket = mail.fate, Ticket.objects.get(pk=mail.ticket_id)
    run = taken_back(cast, begun_now(cast, [ticket], Spam()))
    assert states(run) == ["undone"]
    mail.refresh_from_db()
    again = Ticket.objects.get(pk=ticket.pk)
    assert mail.fate == before and (again.status_id, again.closed_at) == (ticket.status_id, None)


def test_only_staff(cast: Cast) -> None:
    for act in (Reply(SAID), Share("boris@clinic.test"), Spam()):
        refusal = act.refusal(by(cast.anna)["actor"], cast.ticket)
        assert refusal is not None and refusal.code == "ticket.staff_only"


@pytest.mark.parametrize("name", [*NAMES, "reply", "share", "spam"])
def test_what_is_said_before_costs_no_statement_for_a_further_ticket(cast: Cast, name: str) -> None:
    for number in range(8):
        put_mail(letter(subject=f"Запрос {number}", Message_ID=f"<m{number}@home.test>"))
    run_all()
    by_mail = list(Ticket.objects.filter(channel=Ticket.Channel.MAIL).order_by("id"))
    others = {"reply": Reply(SAID), "share": Share(cast.boris.email or ""), "spam": Spam()}
    act, actor = {**acts(cast), **others}[name], Actor(cast.agent, "agent")
    costs = []
    for tickets in (loaded(by_mail[:2]), loaded(by_mail)):
        with CaptureQueriesContext(connection) as log:
            said = consequences(act, actor, tickets)
            forecast(said.changing, act, actor, timezone.now())
        assert len(said.changing) in {0, len(tickets)}
        costs.append(len(log))
    assert costs[0] == costs[1] > 0
