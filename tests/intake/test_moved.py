"""Mail on a ticket moved to another desk: former threads and addresses still work."""

from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.desks.commands.create import set_role
from otklik.desks.models import Desk
from otklik.mail.models import InboundMail, OutboundMail
from otklik.people.actor import Actor, system
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.move import move_back, move_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from tests.cast import Cast, as_, came_of
from tests.postoffice import Sink, answer_to, letter, post, run_all


def move(people: Cast, desk: Desk) -> Ticket:
    set_role(actor=system("cli"), at=timezone.now(), desk=people.other_desk, person=people.lead, role="agent")
    ticket = Ticket.objects.get(pk=people.ticket.pk)
    actor = Actor(people.lead, "agent")
    return move_ticket(actor=actor, at=timezone.now(), ticket=ticket, desk=desk, request_type=None).ticket


def say(people: Cast, words: str) -> None:
    comment(actor=Actor(people.lead, "agent"), at=timezone.now(), ticket=people.ticket, words=Words(words))


def last(people: Cast) -> tuple[str, str, bool]:
    message = people.ticket.messages.order_by("-id").select_related("inbound")[0]
    assert message.inbound is not None
    return message.text, message.inbound.rule, message.held


def test_an_answer_to_a_mail_of_before_comes_into_the_moved_request_and_is_answered_from_there(
    people: Cast, intake: int, sink: Sink
) -> None:
    say(people, "Смотрим.")
    run_all()
    before = sink.to("anna@clinic.test")[-1]
    assert before.subject.startswith("ACCREDO-1 ")
    move(people, people.other_desk)

    post(intake, answer_to(before, "По старому адресу", sender="anna@clinic.test"), to=before.message["Reply-To"])
    run_all()
    assert last(people) == ("По старому адресу", "reply_address", False)
    assert Ticket.objects.count() == 1

    say(people, "Отвечаем из новой службы.")
    run_all()
    after = sink.to("anna@clinic.test")[-1]
    assert after.subject.startswith("OTHER-1 ")
    assert "other" in after.message["Reply-To"] and "other@desk.test" in after.message["From"]
    assert before.message["Message-ID"] in after.message["References"]
    post(intake, answer_to(after, "По новому адресу", sender="anna@clinic.test"), to=after.message["Reply-To"])
    run_all()
    assert last(people) == ("По новому адресу", "reply_address", False)
    assert people.ticket.messages.filter(text__startswith="По ").count() == 2


def test_a_mail_to_the_former_desks_own_address_is_known_by_its_thread(people: Cast, intake: int, sink: Sink) -> None:
    say(people, "Смотрим.")
    run_all()
    before = sink.to("anna@clinic.test")[-1]
    move(people, people.other_desk)
    more = {"In_Reply_To": before.message["Message-ID"]}
    post(intake, letter(sender="anna@clinic.test", subject="Вопрос", text="Ещё слово", **more), to="accredo@desk.test")
    run_all()
    assert Ticket.objects.count() == 1
    text, rule, _held = last(people)
    assert text == "Ещё слово" and rule in {"references", "reply_token", "subject"}


@pytest.mark.parametrize("by_thread", [False, True])
def test_a_mail_without_proof_that_names_it_stays_at_the_desk_to_which_it_was_sent(
    people: Cast, intake: int, sink: Sink, by_thread: bool
) -> None:
    """A number or a Message-ID proves nothing, so it opens another ticket at the desk to which it was sent, and that
    desk does not learn where the first one is now."""
    say(people, "Смотрим.")
    run_all()
    before, known = sink.to("anna@clinic.test")[-1], "<her.own@clinic.test>"
    answer = answer_to(before, "Ответ", sender="anna@clinic.test", Message_ID=known)
    post(intake, answer, to=before.message["Reply-To"])
    run_all()
    assert last(people)[0] == "Ответ"
    move(people, people.other_desk)
    more = {"subject": "Вопрос", "In_Reply_To": known} if by_thread else {"subject": "Re: ACCREDO-1 Не открывается"}
    sender = "evil@x.test" if by_thread else "anna@clinic.test"
    post(intake, letter(sender=sender, text="Ещё слово", **more), to="accredo@desk.test")
    run_all()
    beside = Ticket.objects.get(key="ACCREDO-2")
    assert came_of(beside) == people.ticket and Ticket.objects.count() == 2
    assert InboundMail.objects.latest("id").reason.startswith("@names_key=ACCREDO-1")
    page = as_(people.agent).get("/browse/ACCREDO-2").content.decode()
    assert "Письмо указывает на ACCREDO-1" in page and "OTHER-" not in page and people.ticket.subject not in page


def test_the_key_of_another_desk_means_nothing_to_one_where_it_never_was(people: Cast, intake: int, sink: Sink) -> None:
    mail = letter(sender="anna@clinic.test", subject="Re: ACCREDO-1", text="Мимо")
    post(intake, mail, to="other@desk.test")
    run_all()
    assert Ticket.objects.get(key="OTHER-1").pk != people.ticket.pk


def test_a_reply_to_one_that_is_closed_for_long_opens_one_where_it_is_now(
    people: Cast, intake: int, sink: Sink
) -> None:
    say(people, "Смотрим.")
    run_all()
    before = sink.to("anna@clinic.test")[-1]
    ticket = move(people, people.other_desk)
    done = people.other_desk.statuses.get(category="done")
    ago = timezone.now() - timedelta(days=60)
    Ticket.objects.filter(pk=ticket.pk).update(status=done, closed_at=ago)
    post(intake, answer_to(before, "Снова", sender="anna@clinic.test"), to=before.message["Reply-To"])
    run_all()
    assert Ticket.objects.get(key="OTHER-2").requester == people.anna


def test_the_former_desk_is_not_told_the_number_of_now_by_a_reason(people: Cast, intake: int, sink: Sink) -> None:
    say(people, "Смотрим.")
    run_all()
    before = sink.to("anna@clinic.test")[-1]
    ticket, done = move(people, people.other_desk), people.other_desk.statuses.get(category="done")
    Ticket.objects.filter(pk=ticket.pk).update(status=done, closed_at=timezone.now() - timedelta(days=60))
    post(intake, answer_to(before, "Снова", sender="anna@clinic.test"), to=before.message["Reply-To"])
    run_all()
    mail = InboundMail.objects.latest("id")
    assert "=OTHER-1" in mail.reason
    for path in ("/projects/ACCREDO/mail", f"/projects/ACCREDO/mail/{mail.pk}"):
        page = as_(people.agent).get(path).content.decode()
        assert "…" in page and "OTHER-" not in page


def test_the_former_desk_sees_its_mail_but_not_the_request(people: Cast, intake: int, sink: Sink) -> None:
    say(people, "Смотрим.")
    run_all()
    before = sink.to("anna@clinic.test")[-1]
    move(people, people.other_desk)
    post(intake, answer_to(before, "Слово", sender="anna@clinic.test"), to=before.message["Reply-To"])
    run_all()
    mail = InboundMail.objects.latest("id")
    page = as_(people.agent).get(f"/projects/ACCREDO/mail/{mail.pk}").content.decode()
    assert "перенесён в другую службу" in page
    assert "/browse/OTHER-1" not in page and f"mail/{mail.pk}/spam" not in page
    as_(people.agent).post(f"/projects/ACCREDO/mail/{mail.pk}/request")
    assert Ticket.objects.count() == 1
    there = as_(people.agent_elsewhere).get("/browse/OTHER-1").content.decode()
    assert "Слово" in there and f'/mail/{mail.pk}"' not in there and "/projects/ACCREDO/" not in there


@pytest.mark.parametrize("told", [False, True])
def test_people_are_told_by_mail_where_the_desk_says_so(people: Cast, sink: Sink, told: bool) -> None:
    run_all()
    sink.taken.clear()
    people.other_desk.mail_switches = {"moved": told}
    people.other_desk.staff_told = "everybody"
    people.other_desk.save()
    move(people, people.other_desk)
    run_all()
    mails = sink.to("anna@clinic.test")
    assert [mail.subject for mail in mails] == (["OTHER-1 Не открывается протокол"] if told else [])
    assert all("теперь его номер OTHER-1" in mail.text and "Другая служба" in mail.text for mail in mails)
    assert [mail.subject[:7] for mail in sink.to("far@desk.test")] == ["OTHER-1"]
    assert not sink.to("agent@desk.test") and not OutboundMail.objects.exclude(state="sent").exists()


@pytest.mark.parametrize("untold", [False, True])
def test_nobody_hears_of_the_way_back_of_a_move_that_nobody_was_told_of(people: Cast, sink: Sink, untold: bool) -> None:
    for desk in (people.desk, people.other_desk):
        desk.mail_switches, desk.staff_told = {"moved": True}, "everybody"
        desk.save()
    set_role(actor=system("cli"), at=timezone.now(), desk=people.other_desk, person=people.lead, role="agent")
    ticket, actor = Ticket.objects.get(pk=people.ticket.pk), Actor(people.lead, "agent")
    moved = move_ticket(actor=actor, at=timezone.now(), ticket=ticket, desk=people.other_desk, request_type=None)
    run_all()
    sink.taken.clear()
    move_back(actor=actor, at=timezone.now(), ticket=moved.ticket, before=moved.before, untold=untold)
    run_all()
    told = {mail.recipients[0] for mail in sink.taken}
    assert told == (set() if untold else {"anna@clinic.test", "boris@clinic.test", "agent@desk.test"})
