"""Recipients and texts of notifications, and what they must never contain."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.core import blobs
from otklik.journal.models import Event
from otklik.mail.domains import organisational_domain
from otklik.mail.models import OutboundMail
from otklik.notify import plan
from otklik.notify.account_mails import reset_mail
from otklik.notify.mail_budget import Spent
from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.tickets.commands.comment import admit_message, comment
from otklik.tickets.commands.fields import add_participant, assign, set_muted
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.status import allowed_transitions, change_status
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import Message, Ticket
from otklik.worker import dispatch
from tests.cast import NOTE_CANARY, Cast
from tests.intake.test_decisions import inject, signed
from tests.postoffice import Sink, Taken, letter, run_all


@pytest.fixture
def quiet(people: Cast, sink: Sink) -> Sink:
    """Return the sink, after the mails caused by the cast itself."""
    cache.clear()  # throttles of earlier tests
    run_all()
    sink.taken.clear()
    return sink


def said(sink: Sink) -> dict[str, str]:
    """Return the kind of the last mail by recipient."""
    return {
        mail.recipients[0]: OutboundMail.objects.get(message_id=mail.message["Message-ID"]).kind for mail in sink.taken
    }


def by(person: Person) -> Actor:
    return Actor(person, "agent")


def test_a_public_answer_goes_to_the_participants_and_not_to_its_author(people: Cast, quiet: Sink) -> None:
    comment(actor=by(people.agent), at=timezone.now(), ticket=people.ticket, words=Words("Готово <b>"))
    run_all()
    assert said(quiet) == {"anna@clinic.test": "comment", "boris@clinic.test": "comment"}
    mail = quiet.to("anna@clinic.test")[0]
    assert "Готово <b>" in mail.text and "Готово &lt;b&gt;" in mail.html
    assert "Глеб Орлов" in mail.text and "Ответьте на это письмо" in mail.text
    assert "— — — Ответ пишите выше этой строки — — —" in mail.text
    assert str(mail.message["Reply-To"]) == signed(people.anna, people.ticket)
    assert str(mail.message["From"].addresses[0].addr_spec) == "accredo@desk.test"


def test_a_customer_s_words_go_to_the_others_and_the_assignee(people: Cast, quiet: Sink) -> None:
    Ticket.objects.filter(pk=people.ticket.pk).update(assignee=people.agent)
    comment(actor=Actor(people.anna, "portal"), at=timezone.now(), ticket=people.ticket, words=Words("Когда?"))
    run_all()
    assert said(quiet) == {"boris@clinic.test": "comment", "agent@desk.test": "customer_replied"}
    assert "/browse/ACCREDO-1" in quiet.to("agent@desk.test")[0].text


def test_assigned_closed_added_and_muted(people: Cast, quiet: Sink) -> None:
    at = timezone.now()
    assign(actor=by(people.lead), at=at, ticket=people.ticket, assignee=people.agent)
    run_all()
    assert said(quiet) == {"agent@desk.test": "assigned"}
    quiet.taken.clear()
    assign(actor=by(people.lead), at=at, ticket=people.ticket, assignee=people.lead)
    run_all()
    assert said(quiet) == {}

    set_muted(actor=Actor(people.boris, "portal"), at=at, ticket=people.ticket, muted=True)
    close = next(row for row in allowed_transitions(by(people.agent), people.ticket) if row.target.is_done)
    change_status(actor=by(people.agent), at=at, ticket=people.ticket, transition=close)
    run_all()
    assert said(quiet) == {"anna@clinic.test": "closed"}
    assert "закрыт" in quiet.taken[0].text
    quiet.taken.clear()

    new, _ = ensure_person(address="vera@clinic.test", name="Вера", at=at)
    add_participant(actor=by(people.agent), at=at, ticket=people.ticket, person=new)
    run_all()
    assert said(quiet) == {"vera@clinic.test": "added", "anna@clinic.test": "shared"}


def test_who_closes_an_own_request_is_not_told(people: Cast, quiet: Sink) -> None:
    actor = Actor(people.anna, "portal")
    close = next(row for row in allowed_transitions(actor, people.ticket) if row.target.is_done)
    change_status(actor=actor, at=timezone.now(), ticket=people.ticket, transition=close)
    run_all()
    assert said(quiet) == {"boris@clinic.test": "closed"}


def test_by_phone_the_caller_gets_the_number(people: Cast, quiet: Sink) -> None:
    open_ticket(
        actor=by(people.agent),
        at=timezone.now(),
        desk=people.desk,
        channel=Ticket.Channel.PHONE,
        subject="Не звонит",
        words=Words("со слов"),
        requester=people.stranger,
    )
    run_all()
    assert [mail.subject for mail in quiet.to("stranger@elsewhere.test")] == ["ACCREDO-2 Не звонит"]


def test_ab_48_a_note_reaches_no_customer(people: Cast, quiet: Sink) -> None:
    digest, size = blobs.put(NOTE_CANARY.encode())
    file = NewFile(name=f"{NOTE_CANARY}.txt", content_type="text/plain", size=size, digest=digest)
    at = timezone.now()
    comment(
        actor=by(people.agent), at=at, ticket=people.ticket, words=Words(NOTE_CANARY), kind="internal", files=[file]
    )
    comment(actor=by(people.agent), at=at, ticket=people.ticket, words=Words("ответ"))
    inject(letter(sender="evil@x.test", text=f"held {NOTE_CANARY}"), to=signed(people.anna, people.ticket))
    run_all()
    assert quiet.taken
    assert all(NOTE_CANARY not in everything(mail) for mail in quiet.taken)
    assert not OutboundMail.objects.filter(text__contains=NOTE_CANARY).exists()


def everything(mail: Taken) -> str:
    parts = [part.get_payload(decode=True) or b"" for part in mail.message.walk()]
    return mail.raw.decode("utf-8", "replace") + b"".join(part for part in parts if isinstance(part, bytes)).decode(
        "utf-8", "replace"
    )


def test_an_admitted_mail_is_told_then(people: Cast, quiet: Sink) -> None:
    inject(letter(sender="colleague@x.test", text="я тоже вижу ошибку"), to=signed(people.anna, people.ticket))
    (hint,) = quiet.to("anna@clinic.test")
    assert "ответили с адреса colleague@x.test" in hint.text and "я тоже вижу ошибку" not in hint.text
    held = Message.objects.get(held=True)
    admit_message(actor=by(people.agent), at=timezone.now(), message=held)
    run_all()
    assert "я тоже вижу ошибку" in quiet.to("anna@clinic.test")[1].text
    assert not quiet.to("colleague@x.test")


def test_files_go_along_up_to_ten_megabytes(people: Cast, quiet: Sink) -> None:
    files = []
    for name, size in (("a.bin", 6), ("b.bin", 6), ("c.bin", 3)):
        digest, length = blobs.put(name.encode() * (size * 1024 * 1024 // 5))
        files.append(NewFile(name=name, content_type="application/octet-stream", size=length, digest=digest))
    comment(actor=by(people.agent), at=timezone.now(), ticket=people.ticket, words=Words("файлы"), files=files)
    run_all()
    mail = quiet.to("anna@clinic.test")[0]
    assert [part.get_filename() for part in mail.message.iter_attachments()] == ["a.bin", "c.bin"]
    assert "слишком велики" in mail.text and "b.bin" in mail.text


@pytest.mark.parametrize(
    ("person", "desk", "words"), [("en", "ru", "Your request"), ("", "en", "Your request"), ("ru", "en", "Ваш запрос")]
)
def test_the_recipient_s_language(people: Cast, quiet: Sink, person: str, desk: str, words: str) -> None:
    Person.objects.filter(pk=people.stranger.pk).update(language=person)
    type(people.desk).objects.filter(pk=people.desk.pk).update(language=desk)
    inject(letter(sender="stranger@elsewhere.test"))
    assert words in quiet.to("stranger@elsewhere.test")[0].text


def test_ab_23_no_mail_about_a_request_opens_an_account(
    people: Cast, quiet: Sink, client: Client, settings: Settings
) -> None:
    inject(letter(sender="ivan@clinic.test"))
    ticket = Ticket.objects.get(requester__email="ivan@clinic.test")
    add_participant(actor=by(people.agent), at=timezone.now(), ticket=ticket, person=people.stranger, sees_all=True)
    comment(actor=by(people.agent), at=timezone.now(), ticket=ticket, words=Words("ответ"))
    run_all()
    assert len(quiet.taken) >= 5
    for mail in quiet.taken:
        assert len(mail.recipients) == 1
        if "учётная запись" in mail.subject:
            assert mail.recipients == ["ivan@clinic.test"]
            continue
        for link in re.findall(r'https?://[^\s"<>]+', mail.text + mail.html):
            assert link.startswith(f"{settings.PUBLIC_URL}/")
            page = client.get(link.removeprefix(settings.PUBLIC_URL), follow=True)
            assert b'name="password1"' not in page.content and "_auth_user_id" not in client.session


def test_ab_30_links_come_from_the_setting_alone(people: Cast, quiet: Sink, client: Client, settings: Settings) -> None:
    client.post(
        "/secure/ForgotLoginDetails.jspa", {"email": "anna@clinic.test"}, headers={"x-forwarded-host": "evil.test"}
    )
    run_all()
    mail = quiet.to("anna@clinic.test")[0]
    assert f"{settings.PUBLIC_URL}/secure/ResetPassword/" in mail.text and "evil.test" not in everything(mail)
    assert (
        client.post(
            "/secure/ForgotLoginDetails.jspa", {"email": "anna@clinic.test"}, headers={"host": "evil.test"}
        ).status_code
        == 400
    )


def test_ab_29_no_reset_for_our_own_mailbox(people: Cast, quiet: Sink, client: Client) -> None:
    ensure_person(address="accredo+x@desk.test", name="Мы", at=timezone.now())
    client.post("/secure/ForgotLoginDetails.jspa", {"email": "accredo+x@desk.test"})
    run_all()
    assert not quiet.taken
    assert Event.objects.filter(kind="mail.reset_refused").count() == 1


def test_ab_29_the_words_are_gone_once_sent(people: Cast, quiet: Sink, client: Client) -> None:
    client.post("/secure/ForgotLoginDetails.jspa", {"email": "anna@clinic.test"})
    run_all()
    assert "ResetPassword" in quiet.to("anna@clinic.test")[0].text
    assert not OutboundMail.objects.filter(text__contains="ResetPassword").exists()
    assert not OutboundMail.objects.filter(html__contains="ResetPassword").exists()


def test_ab_32_one_reset_a_minute_and_five_a_day(people: Cast, quiet: Sink, client: Client) -> None:
    answers = set()
    for number in range(10):
        page = client.post(
            "/secure/ForgotLoginDetails.jspa",
            {"email": "anna@clinic.test"},
            headers={"x-forwarded-for": f"10.0.0.{number}"},
        )
        answers.add((page.status_code, page.get("Location")))
    run_all()
    assert len(quiet.to("anna@clinic.test")) == 1
    day = timezone.now() + timedelta(days=3)
    sent = [reset_mail(people.anna, "link", day + timedelta(minutes=2 * minute)) for minute in range(8)]
    assert sum(mail is not None for mail in sent) == 5


def test_ab_88_an_unverified_sender_s_words_do_not_travel(people: Cast, quiet: Sink) -> None:
    inject(letter(sender="CANARY name <victim@corp.test>", subject="CANARY subject", text="CANARY body"))
    ticket = Ticket.objects.get(requester__email="victim@corp.test")
    close = next(row for row in allowed_transitions(by(people.agent), ticket) if row.target.is_done)
    change_status(actor=by(people.agent), at=timezone.now(), ticket=ticket, transition=close)
    run_all()
    assert [mail.subject for mail in quiet.to("victim@corp.test")] == [
        "Ваша учётная запись",
        "ACCREDO-2 Запрос принят",
        "ACCREDO-2 Запрос закрыт",
    ]
    assert all("CANARY" not in everything(mail) for mail in quiet.taken)


def test_ab_90_budgets_cost_the_mail_and_never_the_request(people: Cast, quiet: Sink, settings: Settings) -> None:
    settings.BUDGET_ADDRESS_HOUR, settings.BUDGET_DOMAIN_HOUR = 3, 8
    for number in range(6):
        inject(letter(sender="victim@corp.test", text=f"one {number}"))
    assert len(quiet.to("victim@corp.test")) == 3
    for number in range(12):
        inject(letter(sender=f"v{number}@mail.corp.test", text="many"))
    assert len([mail for mail in quiet.taken if mail.recipients[0].endswith("corp.test")]) == 8
    assert Ticket.objects.count() == 1 + 6 + 12
    assert Event.objects.filter(kind="mail.budget_exceeded").count() > 3
    inject(letter(sender="other@else.test"))
    assert quiet.to("other@else.test")


def test_ab_90_the_site_and_the_day_have_budgets_too(people: Cast, quiet: Sink, settings: Settings) -> None:
    settings.BUDGET_SITE_HOUR = 4
    for number in range(4):
        inject(letter(sender=f"v@d{number}.test"))
    assert len(quiet.taken) == 4
    settings.BUDGET_SITE_HOUR, settings.BUDGET_ADDRESS_DAY = 100, 2
    assert Spent(timezone.now() + timedelta(hours=2)).exceeded("v@d0.test") == "address"
    assert Spent(timezone.now() + timedelta(days=2)).exceeded("v@d0.test") == ""


def test_the_part_of_a_domain_that_is_an_organisation() -> None:
    assert organisational_domain("a@mail.clinic.co.uk") == "clinic.co.uk"
    assert organisational_domain("a@b.example.ru") == "example.ru"
    assert organisational_domain("a@localhost") == "localhost"


def test_without_activation_mail_nobody_is_invited(people: Cast, quiet: Sink) -> None:
    type(people.desk).objects.filter(pk=people.desk.pk).update(activation_mail=False)
    inject(letter(sender="ivan@clinic.test"))
    assert [mail.subject for mail in quiet.to("ivan@clinic.test")] == ["ACCREDO-2 Запрос принят"]


def test_a_poisoned_event_rests_and_lets_others_pass(
    people: Cast, quiet: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in ("плохое", "хорошее"):
        comment(actor=by(people.agent), at=timezone.now(), ticket=people.ticket, words=Words(words))
    bad = Event.objects.filter(kind="ticket.commented").order_by("-id")[1]
    right = plan.ticket_mail

    def broken(rule: object, context: object, *more: object, **named: object) -> object:
        if context.event.pk == bad.pk:  # type: ignore[attr-defined]
            raise RuntimeError("template broken")
        return right(rule, context, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(plan, "ticket_mail", broken)
    run_all()
    assert {mail.text.count("хорошее") for mail in quiet.taken} == {1}
    bad.refresh_from_db()
    assert bad.dispatched_at is None and bad.attempts == 1 and "template broken" in bad.error
    assert bad.retry_at is not None and bad.retry_at > timezone.now()
    monkeypatch.setattr(plan, "ticket_mail", right)
    Event.objects.filter(pk=bad.pk).update(retry_at=None)
    run_all()
    assert any("плохое" in mail.text for mail in quiet.to("anna@clinic.test"))


def test_dispatching_twice_writes_once(people: Cast, quiet: Sink) -> None:
    comment(actor=by(people.agent), at=timezone.now(), ticket=people.ticket, words=Words("раз"))
    run_all()
    Event.objects.update(dispatched_at=None)
    while dispatch.dispatch_next():
        pass
    assert OutboundMail.objects.filter(state="queued").count() == 0


def test_the_thread_s_headers(people: Cast, quiet: Sink) -> None:
    for words in ("первое", "второе"):
        comment(actor=by(people.agent), at=timezone.now(), ticket=people.ticket, words=Words(words))
        run_all()
    one, two = quiet.to("anna@clinic.test")
    roots = [str(mail.message["References"]).split()[0] for mail in (one, two)]
    assert roots[0] == roots[1] and roots[0].startswith("<accredo-1.")
    assert two.message["In-Reply-To"] == one.message["Message-ID"]
    assert str(one.message["Message-ID"]) in str(two.message["References"])
    token = str(one.message["Reply-To"]).partition("+")[2].partition("@")[0]
    assert str(one.message["Message-ID"]).startswith(f"<{token}.")
