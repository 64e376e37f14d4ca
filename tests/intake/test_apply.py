"""Manual actions on mails: effects and permissions."""

import pytest
from django.utils import timezone

from otklik.core.errors import UnableTo
from otklik.intake.commands.dismiss import see_to
from otklik.intake.commands.placement import admit, attach, make_request
from otklik.intake.commands.reprocess import run_again
from otklik.intake.commands.senders import forget_sender, rule_sender
from otklik.intake.commands.spam import mark_spam, unmark_spam
from otklik.journal.models import Event
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox, OutboundMail, SenderRule
from otklik.mail.queries import for_a_person, mail_numbers
from otklik.mail.reasons import in_words
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.comment import admit_message, comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Ticket
from tests.cast import START, Cast
from tests.intake.test_decisions import inject, signed
from tests.meanwhile import at_once, deadlocks
from tests.postoffice import Sink, letter, run_all
from tests.refusing import refused_as


def by(person: Person) -> Actor:
    return Actor(person, "agent")


def held_mail(people: Cast, text: str = "Пустите меня") -> InboundMail:
    row = inject(letter(sender="Evil <evil@elsewhere.test>", text=text), to=signed(people.anna, people.ticket))
    assert row.fate == "held_comment"
    return row


def fresh(mail: InboundMail) -> InboundMail:
    return InboundMail.objects.get(pk=mail.pk)


def second_ticket(people: Cast) -> Ticket:
    return open_ticket(
        actor=by(people.agent), at=START, desk=people.desk, channel="phone", subject="Второй", words=Words("Второй"),
        requester=people.boris,
    )  # fmt: skip


def reconcile() -> None:
    now = mail_numbers()
    assert now.offered == now.filed + now.held + now.failed + now.waiting == InboundMail.objects.count()


def events_of(mail: InboundMail) -> list[str]:
    return list(
        Event.objects.filter(subject_kind="mail", subject_id=mail.pk).order_by("id").values_list("kind", flat=True)
    )


def test_two_who_move_messages_crosswise_do_not_wait_for_one_another(people: Cast, sink: Sink) -> None:
    """Each moves a message from one ticket to the other one."""
    mails, tickets = [held_mail(people), held_mail(people, "И меня")], [people.ticket, second_ticket(people)]
    attach(actor=by(people.agent), at=timezone.now(), mail=mails[1], ticket=tickets[1])
    before = deadlocks()
    for number in range(6):
        there, back = tickets[(number + 1) % 2], tickets[number % 2]
        acts = [
            lambda mail=mail, to=to: attach(actor=by(people.agent), at=timezone.now(), mail=mail, ticket=to)
            for mail, to in zip(mails, (there, back), strict=True)
        ]
        assert not [done for done in at_once(*acts) if not isinstance(done, Message)]
    assert deadlocks() == before


def test_a_request_that_was_answered_does_not_move(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender="z@clinic.test"))
    source = Ticket.objects.get(key=row.ticket_key)
    comment(actor=by(people.agent), at=timezone.now(), ticket=source, words=Words("Ответ"))
    for act in (
        lambda: attach(actor=by(people.agent), at=timezone.now(), mail=row, ticket=people.ticket),
        lambda: mark_spam(actor=by(people.agent), at=timezone.now(), mail=row),
    ):
        with refused_as("ticket.others_have_written"):
            act()
    assert fresh(row).fate == "request" and Message.objects.get(inbound=row).ticket == source


def test_ab_49_a_mail_never_moves_to_another_desk(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    foreign = open_ticket(
        actor=by(people.admin), at=START, desk=people.other_desk, channel="phone", subject="X", words=Words("X"),
        requester=people.stranger,
    )  # fmt: skip
    for who in (people.agent, people.admin):
        with refused_as("intake.request_of_other_desk"):
            attach(actor=by(who), at=timezone.now(), mail=row, ticket=foreign)
    assert fresh(row).fate == "held_comment"


def test_admitting_on_the_ticket_and_in_the_ledger_is_one_thing(people: Cast, sink: Sink) -> None:
    one, two = held_mail(people, "первое"), held_mail(people, "второе")
    why = one.reason
    admit(actor=by(people.agent), at=timezone.now(), mail=one)
    admit_message(actor=by(people.agent), at=timezone.now(), message=Message.objects.get(inbound=two))
    for row in (fresh(one), fresh(two)):
        assert (row.state, row.fate, row.ticket_key) == ("filed", "comment", "ACCREDO-1")
        assert row.reason.startswith(why) and in_words(row.reason).endswith("принято: Глеб Орлов.")
    assert Event.objects.filter(kind="ticket.admitted").count() == 2
    with refused_as("intake.not_held"):
        admit(actor=by(people.agent), at=timezone.now(), mail=one)
    reconcile()


def test_spam_closes_its_request_quietly_and_can_be_taken_back(people: Cast, sink: Sink) -> None:
    row = inject(letter(sender="spam@elsewhere.test", text="Купите"))
    ticket, before = Ticket.objects.get(key=row.ticket_key), (row.state, row.fate, row.reason)
    status, mails = ticket.status, OutboundMail.objects.count()
    for _round in range(2):
        mark_spam(actor=by(people.agent), at=timezone.now(), mail=row)
        run_all()
        ticket.refresh_from_db()
        assert (fresh(row).state, fresh(row).fate) == ("filed", "spam") and ticket.status.is_done
        assert ticket.messages.filter(kind="internal").latest("id").text == "Спам"
        with refused_as("intake.spam_already"):
            mark_spam(actor=by(people.agent), at=timezone.now(), mail=row)
        unmark_spam(actor=by(people.agent), at=timezone.now(), mail=row)
        ticket.refresh_from_db()
        now = fresh(row)
        assert (now.state, now.fate, now.reason) == before and ticket.status == status and ticket.closed_at is None
    run_all()
    assert OutboundMail.objects.count() == mails
    reconcile()


def test_a_held_message_is_no_spam_before_it_is_a_request(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    with pytest.raises(UnableTo, match="ACCREDO-1"):
        mark_spam(actor=by(people.agent), at=timezone.now(), mail=row)
    make_request(actor=by(people.agent), at=timezone.now(), mail=row)
    mark_spam(actor=by(people.agent), at=timezone.now(), mail=row)
    assert fresh(row).fate == "spam"


@pytest.mark.parametrize("pattern", ["Evil@Elsewhere.test ", "@elsewhere.test"])
def test_a_blocked_sender_is_held_and_opens_nothing(people: Cast, sink: Sink, pattern: str) -> None:
    known = rule_sender(actor=by(people.agent), at=timezone.now(), desk=people.desk, pattern=pattern, verdict="block")
    row = inject(letter(sender="evil@elsewhere.test"))
    assert (row.state, row.fate, Ticket.objects.count()) == ("held", "blocked", 1) and row.reason
    assert inject(letter(sender="evil@sub.elsewhere.test")).fate == "request"
    assert forget_sender(actor=by(people.agent), at=timezone.now(), desk=people.desk, pattern=known)
    run_again(actor=by(people.agent), at=timezone.now(), mail=row)
    run_all()
    assert fresh(row).fate == "request"
    kinds = Event.objects.filter(subject_kind="desk").values_list("kind", flat=True)
    assert {"mail.sender_ruled", "mail.sender_forgotten"} <= set(kinds)


def test_a_rule_is_taken_back_at_its_own_desk_alone(people: Cast) -> None:
    for who, desk in ((people.agent, people.desk), (people.agent_elsewhere, people.other_desk)):
        rule_sender(actor=by(who), at=START, desk=desk, pattern="a@elsewhere.test", verdict="block")
    forget = {"actor": by(people.agent), "at": START, "desk": people.desk, "pattern": "a@elsewhere.test"}
    assert [forget_sender(**forget) for _ in range(2)] == [True, False]  # type: ignore[arg-type]  # of many kinds
    assert [rule.mailbox.address for rule in SenderRule.objects.all()] == ["other@desk.test"]
    assert Event.objects.filter(kind="mail.sender_forgotten").count() == 1


def test_only_the_staff_of_the_desk_acts(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    for who in (people.anna, people.agent_elsewhere):
        for act in (make_request, admit, run_again, mark_spam, unmark_spam):
            with refused_as("ticket.staff_only"):
                act(actor=by(who), at=timezone.now(), mail=row)
        with refused_as("ticket.staff_only"):
            attach(actor=by(who), at=timezone.now(), mail=row, ticket=people.ticket)
        with refused_as("ticket.staff_only"):
            rule_sender(actor=by(who), at=START, desk=people.desk, pattern="a@b.test", verdict="block")
        with refused_as("ticket.staff_only"):
            forget_sender(actor=by(who), at=START, desk=people.desk, pattern="a@b.test")
    assert fresh(row).fate == "held_comment" and not SenderRule.objects.exists()


def test_a_waiting_mail_is_left_to_the_intake(people: Cast) -> None:
    box = Mailbox.objects.get(address="accredo@desk.test")
    row = accept(raw=letter(), mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=START)
    for act in (make_request, admit, run_again, mark_spam, unmark_spam):
        with refused_as("intake.still_waiting"):
            act(actor=by(people.agent), at=timezone.now(), mail=row)


def test_nothing_to_do_clears_the_list_and_keeps_the_row(people: Cast, sink: Sink) -> None:
    row = held_mail(people)
    assert InboundMail.objects.filter(for_a_person()).count() == 1
    see_to(actor=by(people.agent), at=timezone.now(), mail=row, note="Позвонили,\nвсё решено")
    now = fresh(row)
    assert (now.state, now.fate, now.ticket_key) == ("filed", "done", "ACCREDO-1")
    assert in_words(now.reason).endswith("Просмотрено, действий не требуется: Глеб Орлов. Позвонили, всё решено")
    assert not InboundMail.objects.filter(for_a_person()).exists() and events_of(row) == ["mail.done"]
    assert Message.objects.get(inbound=row).held, "it still waits inside the request"
    with refused_as("intake.filed_already"):
        see_to(actor=by(people.agent), at=timezone.now(), mail=row)
    with refused_as("ticket.staff_only"):
        see_to(actor=by(people.agent_elsewhere), at=timezone.now(), mail=row)
    admit(actor=by(people.agent), at=timezone.now(), mail=row)
    assert fresh(row).fate == "comment"
    reconcile()
