"""The outbox, and the delivery of each message on its ticket."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.journal.models import Event
from otklik.mail import deliver, tokens
from otklik.mail.commands.restored import drop_held, hold_queued, release_held
from otklik.mail.models import AddressTrouble, OutboundMail
from otklik.people.actor import Actor, system
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from otklik.tickets.models import Participant
from tests.cast import Cast
from tests.postoffice import Sink, run_all
from tests.workspace.helpers import as_, page_of, words_said

URL = "/projects/ACCREDO/outbox"


def say(people: Cast, text: str = "слова") -> OutboundMail:
    """Let the agent comment; return the mail to Anna."""
    comment(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, words=Words(text))
    run_all()
    return OutboundMail.objects.filter(person=people.anna, kind="comment").latest("id")


def test_what_arrived_and_what_did_not_stands_on_the_ticket(people: Cast, sink: Sink) -> None:
    run_all()
    sink.answer("RCPT", "550 5.1.1 no such user", to="boris@clinic.test")
    sink.answer("RCPT", "451 4.2.0 busy", to="anna@clinic.test")
    say(people)
    page = page_of(as_(people.agent).get("/browse/ACCREDO-1"))
    assert "ошибка: 550 5.1.1 no such user" in page and "ещё не отправлено, следующая попытка:" in page
    assert "адрес не принимает почту" in page and "доставлено серверу" in page
    assert "550 5.1.1" not in page_of(as_(people.anna).get(f"/servicedesk/customer/portal/{people.desk.pk}/ACCREDO-1"))
    say(people, "ещё")
    assert OutboundMail.objects.filter(person=people.boris).latest("id").state == "stopped"
    sink.answer("RCPT", "250 OK", to="boris@clinic.test")
    answer = as_(people.agent).post(f"/browse/ACCREDO-1/participants/{people.boris.pk}/clear")
    assert words_said(answer) == ["Письма на boris@clinic.test снова отправляются."]
    run_all()
    assert OutboundMail.objects.filter(person=people.boris).latest("id").state == "sent"
    assert not AddressTrouble.objects.filter(address="boris@clinic.test").exists()


def test_rl_26_the_assignee_is_told_by_mail(people: Cast, sink: Sink) -> None:
    run_all()
    type(people.ticket).objects.filter(pk=people.ticket.pk).update(assignee=people.agent)
    sink.answer("RCPT", "550 5.1.1 no such user", to="anna@clinic.test")
    say(people)
    run_all()
    mail = next(mail for mail in sink.to("agent@desk.test") if "не доставлено" in mail.text)
    assert "anna@clinic.test" in mail.text and "550 5.1.1 no such user" in mail.text
    sink.answer("RCPT", "550 no", to="agent@desk.test")
    say(people)
    run_all()
    assert OutboundMail.objects.filter(kind="undelivered").count() <= 3


def test_the_list_the_filters_and_one_mail(people: Cast, sink: Sink) -> None:
    run_all()
    sink.answer("RCPT", "451 4.2.0 busy", "550 5.2.2 no", to="anna@clinic.test")
    mail = say(people, "ТЕКСТ-ПИСЬМА")
    client = as_(people.agent)
    page = page_of(client.get(URL))
    assert "anna@clinic.test" in page and "ждёт отправки" in page
    assert "boris@clinic.test" not in page_of(client.get(f"{URL}?state=queued"))
    assert "anna@clinic.test" not in page_of(client.get(f"{URL}?text=boris")).split("<tbody>")[1]
    client.post(f"{URL}/{mail.pk}/now")
    run_all()
    one = page_of(client.get(f"{URL}/{mail.pk}"))
    for words in ("ТЕКСТ-ПИСЬМА", "451 4.2.0 busy", "550 5.2.2 no", "отложено", "отказано", "отправлено сразу"):
        assert words in one
    sink.answer("RCPT", "250 OK", to="anna@clinic.test")
    answer = client.post(f"{URL}/{mail.pk}/again")
    assert words_said(answer) == ["Письмо снова ждёт отправки."]
    run_all()
    mail.refresh_from_db()
    assert mail.state == "sent" and len(sink.to("anna@clinic.test")) >= 1
    assert "принято почтовым сервером" in page_of(client.get(f"{URL}/{mail.pk}"))
    kinds = list(Event.objects.filter(subject_kind="outbound").order_by("id").values_list("kind", flat=True))
    assert kinds == ["outbox.hurried", "outbox.again"]


def test_cancel_and_bulk(people: Cast, sink: Sink) -> None:
    run_all()
    comment(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, words=Words("нет"))
    run_all(deliver_too=False)
    mails = list(OutboundMail.objects.filter(state="queued").order_by("id"))
    assert len(mails) == 2
    client = as_(people.agent)
    client.post(f"{URL}/{mails[0].pk}/cancel")
    answer = client.post(f"{URL}/bulk", {"act": "cancel", "mail": [str(mail.pk) for mail in mails]})
    assert words_said(answer)[-1] == "Сделано с 1 письмом. 1 изменить нельзя."
    sink.taken.clear()
    run_all()
    assert sink.taken == [] and set(
        OutboundMail.objects.filter(pk__in=[m.pk for m in mails]).values_list("state", flat=True)
    ) == {"cancelled"}
    client.post(f"{URL}/bulk", {"act": "again", "mail": [str(mail.pk) for mail in mails]})
    run_all()
    assert len(sink.taken) == 2


def test_two_hundred_mails_at_once_and_the_rest_is_counted(cast: Cast) -> None:
    ids = [
        OutboundMail.objects.create(
            recipient="anna@clinic.test",
            sender="accredo@desk.test",
            kind="comment",
            cause=f"bulk {n}",
            subject="x",
            text="x",
            message_id=f"<bulk{n}@desk.test>",
            desk_id=cast.desk.pk,
            created_at=timezone.now(),
            retry_at=timezone.now(),
        ).pk
        for n in range(201)
    ]
    answer = as_(cast.agent).post(f"{URL}/bulk", {"act": "cancel", "mail": ids})
    assert "200" in words_said(answer)[-1] and "1 изменить нельзя" in words_said(answer)[-1]
    assert OutboundMail.objects.filter(state="cancelled").count() == 200


def test_ab_29_words_of_power_are_shown_to_nobody(people: Cast, settings: Settings) -> None:
    settings.OUTGOING = ""
    mail = OutboundMail.objects.create(
        recipient="new@x.test",
        sender="accredo@desk.test",
        kind="activation",
        cause="a",
        subject="Ваша учётная запись",
        text="ССЫЛКА-АКТИВАЦИИ",
        message_id="<a@b>",
        sensitive=True,
        desk_id=people.desk.pk,
        created_at=timezone.now(),
        retry_at=timezone.now(),
    )
    page = page_of(as_(people.admin).get(f"{URL}/{mail.pk}"))
    assert "ССЫЛКА-АКТИВАЦИИ" not in page and "Текст не показан" in page
    as_(people.agent).post(f"{URL}/{mail.pk}/cancel")
    mail.refresh_from_db()
    assert (mail.state, mail.text) == ("cancelled", "")


def test_ab_47_another_desk_s_mails_do_not_exist(people: Cast, sink: Sink) -> None:
    mail = say(people)
    deliver.forget()
    for act in ("now", "cancel", "again", "clear"):
        assert as_(people.agent_elsewhere).post(f"/projects/OTHER/outbox/{mail.pk}/{act}").status_code == 404
    assert as_(people.agent_elsewhere).get(f"/projects/OTHER/outbox/{mail.pk}").status_code == 404
    as_(people.agent_elsewhere).post("/projects/OTHER/outbox/bulk", {"act": "again", "mail": [str(mail.pk)]})
    mail.refresh_from_db()
    assert mail.state == "sent" and mail.again_at is None


def test_a_mail_that_did_not_arrive_is_sent_to_another_address(people: Cast, sink: Sink) -> None:
    run_all()
    sink.answer("RCPT", "550 5.1.1 no such user", to="anna@clinic.test")
    mail = say(people, "Пароль меняется в профиле.")
    client = as_(people.agent)
    assert "Отправить на другой адрес" in page_of(client.get(f"{URL}/{mail.pk}"))
    answer = client.post(f"{URL}/{mail.pk}/elsewhere", {"address": "Anna@Home.test"})
    new = OutboundMail.objects.get(recipient="anna@home.test", kind="comment")
    assert answer["Location"] == f"{URL}/{new.pk}"
    run_all()
    got = next(one for one in sink.to("anna@home.test") if "Пароль меняется" in one.text)
    joined = Participant.objects.get(ticket=people.ticket, person__email="anna@home.test")
    assert tokens.is_genuine(got.message["Reply-To"].partition("+")[2].partition("@")[0], joined.pk, joined.epoch)
    assert joined.sees_from is not None and joined.added_by == people.agent
    # Nothing that was signed for the first recipient travels.
    for secret in (mail.reply_to.partition("+")[2].partition("@")[0], *re.findall(r"unsubscribe/(\S+)", mail.text)):
        assert len(secret) > 20 and secret.encode() not in got.raw and secret not in got.text + got.html
    assert "отправлено на другой адрес: anna@home.test" in page_of(client.get(f"{URL}/{mail.pk}"))
    again = client.post(f"{URL}/{mail.pk}/elsewhere", {"address": "anna@home.test"}, follow=True)
    assert "уже отправлено" in page_of(again)


def test_ab_29_only_failed_mails_without_power_go_elsewhere(people: Cast, sink: Sink) -> None:
    run_all()
    fine = say(people)
    asked = OutboundMail.objects.create(
        recipient="x@y.test", sender="accredo@desk.test", kind="password_reset", cause="event:1 x", subject="x",
        text="https://desk.test/secret", message_id="<x@x>", state="failed", desk_id=people.desk.pk,
        ticket_id=people.ticket.pk, created_at=timezone.now(), retry_at=timezone.now(),
    )  # fmt: skip
    client, before = as_(people.agent), OutboundMail.objects.count()
    for mail in (fine, asked):
        assert "Отправить на другой адрес" not in page_of(client.get(f"{URL}/{mail.pk}"))
        refused = client.post(f"{URL}/{mail.pk}/elsewhere", {"address": "evil@x.test"}, follow=True)
        assert "нельзя переадресовать" in page_of(refused)
    OutboundMail.objects.filter(pk=fine.pk).update(state="failed")
    for address in ("accredo@desk.test", "no address", ""):
        client.post(f"{URL}/{fine.pk}/elsewhere", {"address": address})
    assert OutboundMail.objects.count() == before
    assert not Participant.objects.filter(person__email="evil@x.test").exists()


def test_what_a_restore_holds_is_shown_and_goes_or_is_dropped_only_when_somebody_says_so(
    people: Cast, sink: Sink
) -> None:
    run_all()
    before = len(sink.to("anna@clinic.test"))
    sink.answer("RCPT", "451 4.2.0 busy", to="anna@clinic.test")
    mails = [say(people, text) for text in ("один", "два", "три")]
    sink.answer("RCPT", "250 OK", to="anna@clinic.test")
    assert hold_queued() >= 3
    # A healthy moment, and a week later, when a mail that waits was given up.
    for at in (timezone.now(), timezone.now() + timedelta(days=7)):
        while deliver.deliver_next(at):
            pass
    assert len(sink.to("anna@clinic.test")) == before
    assert {mail.state for mail in OutboundMail.objects.filter(pk__in=[mail.pk for mail in mails])} == {"restored"}
    agent = as_(people.agent)
    assert page_of(agent.get(f"{URL}?state=restored")).count("удержано: из восстановленной копии") >= 3
    assert "удержано: из восстановленной копии" in page_of(agent.get("/browse/ACCREDO-1"))
    for mail, act in zip(mails, ("again", "cancel", ""), strict=True):
        if act:
            assert f"{URL}/{mail.pk}/{act}" in page_of(agent.get(f"{URL}/{mail.pk}"))
            agent.post(f"{URL}/{mail.pk}/{act}")
    run_all()
    states = [OutboundMail.objects.get(pk=mail.pk).state for mail in mails]
    assert states == ["sent", "cancelled", "restored"]
    OutboundMail.objects.filter(pk=mails[2].pk).update(created_at=timezone.now() - 2 * deliver.GIVE_UP)
    assert release_held(actor=system("cli"), at=timezone.now()) >= 1
    run_all()
    assert OutboundMail.objects.get(pk=mails[2].pk).state == "sent", "five days count from the word to send"
    assert len(sink.to("anna@clinic.test")) == before + 2
    assert Event.objects.filter(kind="outbox.restored_sent").exists()


def test_what_is_dropped_after_a_restore_never_goes_and_loses_its_power(people: Cast, sink: Sink) -> None:
    run_all()
    sink.answer("RCPT", "451 4.2.0 busy", to="anna@clinic.test")
    mail = say(people)
    OutboundMail.objects.filter(pk=mail.pk).update(sensitive=True)
    sink.answer("RCPT", "250 OK", to="anna@clinic.test")
    count = hold_queued()
    assert drop_held(actor=system("cli"), at=timezone.now()) == count > 0
    mail.refresh_from_db()
    assert (mail.state, mail.text, mail.html) == ("cancelled", "", "")
    assert release_held(actor=system("cli"), at=timezone.now()) == 0
    assert Event.objects.get(kind="outbox.restored_dropped").data == {"mails": count}


@pytest.mark.parametrize(("delay", "words"), [("relay", "не принимает наши письма"), ("some", "Некоторые серверы")])
def test_one_line_says_that_servers_refuse_us(people: Cast, delay: str, words: str) -> None:
    now = timezone.now()
    mail = OutboundMail.objects.filter(state="queued").first() or say(people)
    run_all(deliver_too=False)
    client = as_(people.agent)
    assert words not in page_of(client.get(URL))
    OutboundMail.objects.filter(pk=mail.pk).update(
        state="queued", delayed_by=delay, delayed_since=now, answer="554 НЕ-ЖЕЛАЕМ", last_attempt_at=now
    )
    page = page_of(client.get(URL))
    assert words in page and "НЕ-ЖЕЛАЕМ" in page
    ticket = page_of(client.get(f"/browse/{mail.ticket_key}"))
    assert "почтовый сервер отказывает в отправке писем службы" in ticket
    OutboundMail.objects.filter(pk=mail.pk).update(sender="other@desk.test")
    assert words not in page_of(client.get(URL)), "another desk's"
