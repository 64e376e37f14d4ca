"""Account links that arrive in a mail are voided at once (AB-29)."""

import re
from email.message import EmailMessage

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from otklik.mail.models import InboundMail
from otklik.people.actor import Actor
from otklik.portal.views import forgot_password
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.models import Approval
from tests.cast import Cast
from tests.intake.test_poison import store
from tests.portal.helpers import as_
from tests.postoffice import Sink, Taken, answer_to, letter, run_all
from tests.secrets_seen import readings


@pytest.fixture(autouse=True)
def quick(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(forgot_password, "SECONDS", 0.0)


def link_in(mail: Taken, start: str) -> str:
    found = re.search(rf"https?://[^\s/]+(/{start}\S+)", mail.text)
    assert found, mail.text
    return found.group(1)


CODE = re.compile(r"^[\d-]{8,}$", re.MULTILINE)


def coded(sink: Sink, who: str) -> Taken:
    return next(mail for mail in sink.to(who) if "код" in mail.subject.lower())


def brought_back(mail: Taken) -> None:
    report = EmailMessage()
    report["From"], report["To"], report["Subject"] = "MAILER-DAEMON@x.test", "accredo@desk.test", "Undelivered Mail"
    report["Message-ID"] = f"<{timezone.now().timestamp()}@x.test>"
    report.set_content("The mailbox is full.")
    report.add_attachment(mail.message)
    store(report.as_bytes())
    run_all()


def test_ab_29_an_activation_link_that_is_quoted_to_the_desk_is_void(people: Cast, sink: Sink) -> None:
    store(letter(sender="Нина <nina@clinic.test>", text="Помогите"))
    run_all()
    mail = next(one for one in sink.to("nina@clinic.test") if "ActivateAccount" in one.text)
    assert (mail.sender, str(mail.message["Reply-To"])) == ("<>", "no-reply@desk.test")
    path = link_in(mail, "secure/ActivateAccount/")
    assert Client().get(path).status_code == 302
    store(answer_to(mail, "Что это?", sender="nina@clinic.test", to="accredo@desk.test"))
    run_all()
    assert Client().get(path).status_code == 404


def test_ab_29_a_mail_for_a_new_password_that_comes_back_is_void_and_the_next_works(people: Cast, sink: Sink) -> None:
    Client().post("/secure/ForgotLoginDetails.jspa", {"email": "lead@desk.test"})
    run_all()
    path = link_in(sink.to("lead@desk.test")[-1], "secure/ResetPassword/")
    begun = Client()
    assert begun.get(path).status_code == 302
    brought_back(sink.to("lead@desk.test")[-1])
    assert Client().get(path).status_code == 404
    assert begun.get(re.sub(r"-[^/]+$", "-set-password", path)).status_code == 404
    raw = as_(people.agent).get(f"/projects/ACCREDO/mail/{InboundMail.objects.latest('id').pk}.eml").getvalue()
    assert any("(personal-link)" in text for text in readings(raw))
    assert not any(path.rpartition("/")[2] in text for text in readings(raw))


def test_ab_29_a_login_code_that_comes_back_is_void(people: Cast, sink: Sink) -> None:
    client, other = Client(), Client()
    client.post("/servicedesk/customer/user/login/code", {"email": "anna@clinic.test"})
    other.post("/servicedesk/customer/user/login/code", {"email": "boris@clinic.test"})
    run_all()
    mails = [coded(sink, who) for who in ("anna@clinic.test", "boris@clinic.test")]
    codes = [CODE.findall(mail.text)[0] for mail in mails]
    brought_back(mails[0])
    confirm = "/servicedesk/customer/user/login/code/confirm"
    assert client.post(confirm, {"code": codes[0]}).status_code == 422
    assert other.post(confirm, {"code": codes[1]}).status_code == 302


def test_ab_29_an_approval_link_that_is_quoted_opens_for_its_owner_alone(people: Cast, sink: Sink) -> None:
    asked = [people.stranger]
    actor = Actor(people.agent, "agent")
    ask_approval(actor=actor, at=timezone.now(), ticket=people.ticket, people=asked, rule="one")
    run_all()
    mail = sink.to("stranger@elsewhere.test")[-1]
    path = link_in(mail, "servicedesk/customer/approval/")
    assert Client().get(path).status_code == 200
    store(answer_to(mail, "Зачем?", sender="stranger@elsewhere.test", to="accredo@desk.test"))
    run_all()
    for client in (Client(), as_(people.anna), as_(people.agent)):
        assert client.post(path, {"answer": "approve"}).status_code == 302
        assert Approval.objects.get().state == "pending"
    as_(people.stranger).post(path, {"answer": "approve"})
    assert Approval.objects.get().state == "approved"


def test_ab_29_no_number_of_other_words_hides_a_link(people: Cast, sink: Sink) -> None:
    Client().post("/secure/ForgotLoginDetails.jspa", {"email": "lead@desk.test"})
    store(letter(sender="Нина <nina@clinic.test>", text="Помогите"))
    run_all()
    reset = link_in(sink.to("lead@desk.test")[-1], "secure/ResetPassword/")
    activation = link_in(next(one for one in sink.to("nina@clinic.test")), "secure/ActivateAccount/")
    others = "\n".join(f"--{number:041d}" for number in range(3_000))
    text = f"{others}\n{reset.rpartition('/')[2]}\n{activation.rpartition('/')[2]}"
    store(letter(sender="Нина <nina@clinic.test>", text=text, Message_ID="<many@clinic.test>"))
    run_all()
    assert Client().get(reset).status_code == 404
    assert Client().get(activation).status_code == 404


@pytest.mark.parametrize("form", ["{signature}", "файл 7_{signature}.pdf", "<{signature}>"])
def test_ab_29_a_signature_alone_takes_an_approval_link_from_all_but_its_owner(
    people: Cast, sink: Sink, form: str
) -> None:
    asked = [people.stranger]
    ask_approval(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, people=asked, rule="one")
    run_all()
    path = link_in(sink.to("stranger@elsewhere.test")[-1], "servicedesk/customer/approval/")
    assert Client().get(path).status_code == 200
    text = form.format(signature=path.rpartition(":")[2])
    store(letter(sender="Нина <nina@clinic.test>", text=text, Message_ID="<one@clinic.test>"))
    run_all()
    assert Client().post(path, {"answer": "approve"}).status_code == 302
    assert Approval.objects.get().state == "pending"
