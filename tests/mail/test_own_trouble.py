"""Refusals that concern our server do not count against customers, raise one alarm, and end by themselves."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.journal.models import Event
from otklik.mail import deliver, domain_holds
from otklik.mail.models import AddressTrouble, DeliveryAttempt, OutboundMail
from otklik.mail.queries import own_trouble
from otklik.mail.smtp_connection import Refused
from otklik.mail.smtp_refusals import Stage
from otklik.ops.metrics import exposition
from tests.mail.stubborn import HANG_UP, running_stubborn
from tests.mail.test_compose import row

SECOND = dt.timedelta(seconds=1)
PLAIN = "accredo@desk.test"


def run(at: dt.datetime | None = None) -> None:
    while deliver.deliver_next(at):
        pass


def later(at: dt.datetime, seconds: int) -> dt.datetime:
    """Return the time `seconds` later and end the process' own pauses, none of which is longer than a minute."""
    deliver._local.rest_until = 0.0
    domain_holds.clear()
    return at + seconds * SECOND


def health(client: Client) -> tuple[int, list[str], list[str]]:
    """Return what /healthz reports: status, problems and warnings."""
    answer = client.get("/healthz")
    said = answer.json()
    return answer.status_code, said["problems"], said["warnings"]


def states() -> list[str]:
    return list(OutboundMail.objects.order_by("id").values_list("state", flat=True))


def four(at: dt.datetime, first: int = 0) -> None:
    for number in range(first, first + 4):
        row(recipient="anna@clinic.test", ticket_id=number + 1, ticket_key=f"ACCREDO-{number + 1}", created_at=at)


WORDS = [
    ("GREETING", "554 5.7.1 You are not welcome"),
    ("GREETING", "421 4.7.0 too many connections"),
    ("EHLO", "550 5.7.1 HELO rejected"),
    ("EHLO", "504 5.5.2 need fully-qualified hostname"),
    ("AUTH", "535 5.7.8 authentication failed"),
    ("AUTH", "454 4.7.0 temporary authentication failure"),
    ("AUTH", "550 5.7.1 account suspended"),
    ("MAIL", "550 5.1.1 no such user"),
    ("MAIL", "530 5.7.0 Authentication required"),
    ("MAIL", "553 5.7.1 Sender address rejected"),
    ("MAIL", "450 4.7.1 rate limit"),
    ("MAIL", "452 4.3.1 no space"),
    ("MAIL", "421 4.3.2 shutting down"),
    ("RCPT", "554 5.7.1 Relay access denied"),
    ("RCPT", "550 Relaying denied"),
    ("RCPT", "530 5.7.0 log in first"),
    ("RCPT", "550 5.7.1 not wanted"),
    ("RCPT", "421 4.7.0 too fast"),
    ("RCPT", "503 5.5.1 AUTH first"),
    ("DATA", "554 5.7.1 rejected by policy"),
    ("DATA", "451 4.7.1 rate limit exceeded"),
    ("DATA", "250 OK"),
    ("DOT", "550 5.7.26 Unauthenticated email from desk.test is not accepted due to domain's DMARC policy"),
    ("DOT", "554 5.7.1 Message rejected under suspicion of SPAM"),
    ("DOT", "550 5.7.60 Client does not have permissions to send as this sender"),
    ("DOT", "421 4.7.28 unusual rate"),
]


# What any receiver may have against us: said of one domain it is a warning, of two an alarm.
PERHAPS_ONE_RECEIVERS = {
    "550 5.7.1 not wanted",
    "554 5.7.1 rejected by policy",
    "451 4.7.1 rate limit exceeded",
    "550 5.7.26 Unauthenticated email from desk.test is not accepted due to domain's DMARC policy",
    "554 5.7.1 Message rejected under suspicion of SPAM",
}
ALARM, WARNING = "the outgoing mail server refuses our mail", "some mail servers refuse our mail"


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
@pytest.mark.parametrize(("stage", "words"), WORDS)
def test_rl_26_a_refusal_of_us_stops_nobody_and_ends_within_a_minute(
    transactional_db: None, settings: Settings, client: Client, stage: str, words: str, protocol: str
) -> None:
    login = "user:word@" if stage == "AUTH" else ""
    with running_stubborn(settings, f"{protocol}://{login}127.0.0.1:{{port}}") as server:
        server.answers[stage] = words
        at = timezone.now()
        four(at)
        for _ in range(6):
            run(at)
            at = later(at, 60)
        assert states() == ["queued"] * 4 and not server.taken
        assert not AddressTrouble.objects.exists()
        assert not Event.objects.filter(kind__startswith="mail.").exists(), "no customer's request is told of it"
        alone = words in PERHAPS_ONE_RECEIVERS
        assert health(client) == ((200, [], [WARNING]) if alone else (503, [ALARM], []))
        row(recipient="boris@other.test", ticket_id=5, ticket_key="ACCREDO-5", created_at=at)
        run(at)
        at = later(at, 60)
        assert health(client) == (503, [ALARM], [])
        assert own_trouble().mails >= 1
        server.answers.clear()
        for _ in range(2):
            run(at)
            at = later(at, 30)
        assert states() == ["sent"] * 5 and server.to("anna@clinic.test") == 4
        assert client.get("/healthz").status_code == 200 and own_trouble().mails == 0
        assert max(OutboundMail.objects.values_list("attempts", flat=True)) <= 2


def test_rl_26_after_weeks_it_is_still_not_final(transactional_db: None, settings: Settings) -> None:
    with running_stubborn(settings) as server:
        server.answers["RCPT"] = "554 5.7.1 Relay access denied"
        began = timezone.now() - dt.timedelta(days=20)
        four(began)
        for day in range(20):
            run(began + dt.timedelta(days=day))
            later(began, 0)
        assert states() == ["queued"] * 4 and DeliveryAttempt.objects.count() <= 4
        server.answers.clear()
        run()
        later(began, 0)
        run(timezone.now() + 31 * SECOND)
        assert states() == ["sent"] * 4


def test_one_of_many_is_tried_while_they_are_refused(transactional_db: None, settings: Settings) -> None:
    with running_stubborn(settings) as server:
        server.answers["RCPT"] = "554 5.7.1 Relay access denied"
        for number in range(30):
            row(recipient=f"p{number}@x.test")
        run()
        assert sum(said.startswith("RCPT") for said in server.heard) == 1
        for number in range(30):
            row(recipient=f"p{number}@x{number}.test", cause=f"b{number}", message_id=f"<b{number}@x>")
        run()
        asked = sum(said.startswith("RCPT") for said in server.heard)
        assert asked == 3, "then it rests"


def test_a_receiver_that_refuses_us_holds_nobody_else_up(
    transactional_db: None, settings: Settings, client: Client
) -> None:
    with running_stubborn(settings) as server:
        server.answers["RCPT"] = lambda to: "550 5.7.26 DMARC policy" if to.endswith("@bad.test") else "250 OK"
        at = timezone.now()
        row(recipient="a@bad.test", created_at=at)
        for number in range(3):
            row(recipient=f"p{number}@good.test", created_at=at)
        run(at)
        assert sorted(states()) == ["queued", "sent", "sent", "sent"]
        said = client.get("/healthz")
        assert (said.status_code, said.json()["warnings"]) == (200, ["some mail servers refuse our mail"])
        at = later(at, 20 * 60)
        run(at)
        assert client.get("/healthz").status_code == 200
        trouble = own_trouble()
        assert (trouble.mails, trouble.some, trouble.words) == (0, 1, "550 5.7.26 DMARC policy")
        refused = OutboundMail.objects.get(state="queued")
        assert dt.timedelta(seconds=110) < refused.retry_at - at < dt.timedelta(seconds=130), "a tenth of its time"
        OutboundMail.objects.filter(state="queued").update(delayed_since=at - dt.timedelta(days=4))
        at = later(at, 3600)
        run(at)
        refused.refresh_from_db()
        assert dt.timedelta(minutes=29) < refused.retry_at - at < dt.timedelta(minutes=31), "never more seldom"


@pytest.mark.parametrize("second", ["b@bad.test", "b@mail.bad.test", "b@BAD.test"])
def test_on_a_quiet_desk_one_receivers_refusal_is_no_outage_however_long_it_lasts(
    transactional_db: None, settings: Settings, client: Client, second: str
) -> None:
    with running_stubborn(settings) as server:
        server.answers["RCPT"] = lambda to: "550 5.7.1 rejected by policy" if "bad" in to.lower() else "250 OK"
        at = timezone.now()
        for recipient in ("a@bad.test", second):
            row(recipient=recipient, created_at=at - dt.timedelta(hours=3))
        for _ in range(4):
            run(at)
            at = later(at, 60)
        assert health(client) == (200, [], [WARNING]) and states() == ["queued"] * 2
        text = metrics()
        assert "otklik_mail_refused 0.0" in text and "otklik_mail_refused_by_some 2.0" in text
        row(recipient="c@elsewhere-bad.test", created_at=at - dt.timedelta(hours=3))
        run(at)
        assert health(client) == (503, ["mail waits to be sent", ALARM], [])
        assert "otklik_mail_refused 3.0" in metrics()


def metrics() -> str:
    return exposition(timezone.now()).decode()


def test_what_waited_for_one_receiver_goes_when_that_takes_one(transactional_db: None, settings: Settings) -> None:
    with running_stubborn(settings) as server:
        server.answers["RCPT"] = lambda to: "550 5.7.26 DMARC policy" if to.endswith("@bad.test") else "250 OK"
        at = timezone.now()
        for number in range(3):
            row(recipient=f"a{number}@bad.test", created_at=at)
        row(recipient="b@good.test", created_at=at)
        run(at)
        far = at + dt.timedelta(minutes=25)
        OutboundMail.objects.filter(state="queued").update(
            retry_at=far, delayed_by="some", delayed_since=at, answer="550 5.7.26 DMARC policy"
        )
        OutboundMail.objects.filter(recipient="a0@bad.test").update(retry_at=at)
        server.answers.clear()
        for _ in range(2):
            at = later(at, 1)
            run(at)
        assert states() == ["sent"] * 4


def test_a_mail_that_only_some_refuse_ends_after_five_days_and_counts_against_nobody(
    transactional_db: None, settings: Settings
) -> None:
    with running_stubborn(settings) as server:
        server.answers["RCPT"] = "550 5.7.133 only for members"
        at = timezone.now()
        mail = row(recipient="group@x.test", ticket_id=7, ticket_key="ACCREDO-7", created_at=at - dt.timedelta(days=4))
        OutboundMail.objects.update(delayed_by="some", delayed_since=at - dt.timedelta(days=4))
        run(at)
        mail.refresh_from_db()
        assert mail.state == "queued"
        OutboundMail.objects.update(created_at=at - dt.timedelta(days=5, minutes=1), retry_at=at)
        later(at, 0)
        run(at)
        mail.refresh_from_db()
        assert mail.state == "failed" and not AddressTrouble.objects.exists()
        assert Event.objects.get(kind="mail.undelivered").data["words"] == "550 5.7.133 only for members"


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("MAIL", "553 5.7.1 Sender address rejected: not owned by auth user."),
        ("MAIL", "501 5.1.7 bad address"),
        ("MAIL", "550 5.1.1 unknown"),
        ("RCPT", "553 5.7.1 <{}>: Sender address rejected: not owned by user accredo"),
        ("RCPT", "550 Sender verify failed"),
        ("RCPT", "450 4.1.8 Sender address rejected: Domain not found"),
        ("DOT", "550 5.7.60 SMTP; Client does not have permissions to send as this sender"),
    ],
)
def test_where_only_the_login_may_send_the_plain_address_is_taken(
    transactional_db: None, settings: Settings, client: Client, stage: str, words: str
) -> None:
    """Servers refuse it at MAIL, with the recipient (Postfix's smtpd_delay_reject), or at the end (Exchange)."""
    with running_stubborn(settings) as server:

        def answer(about: str) -> str:
            sender = about if stage == "MAIL" else next(s for s in reversed(server.heard) if s.startswith("MAIL"))
            return "250 OK" if "+" not in sender else words

        server.answers[stage] = answer
        for number in range(3):
            row(recipient=f"p{number}@x.test")
        run()
        assert states() == ["sent"] * 3
        assert [sender for sender, _, _ in server.taken] == [PLAIN] * 3
        marked = [said for said in server.heard if said.startswith("MAIL") and "+b" in said]
        assert len(marked) == 1, "it is remembered"
        assert not AddressTrouble.objects.exists() and client.get("/healthz").status_code == 200


def test_ab_29_an_account_s_mail_goes_where_only_the_login_may_send(transactional_db: None, settings: Settings) -> None:
    """It has no return path; the plain address is used only where the server requires it."""
    with running_stubborn(settings) as server:
        server.answers["MAIL"] = lambda said: "250 OK" if PLAIN in said else "553 5.7.1 not owned"
        for number in range(2):
            row(recipient=f"p{number}@x.test", sensitive=True)
        row(recipient="p2@x.test")
        run()
        assert states() == ["sent"] * 3 and [sender for sender, _, _ in server.taken] == [PLAIN] * 3
        assert sum(said.startswith("MAIL FROM:<>") for said in server.heard) == 1, "it is remembered"
    with running_stubborn(settings) as server:
        server.answers["MAIL"] = lambda said: "550 5.7.1 not owned" if "+b" in said else "250 OK"
        row(recipient="p3@x.test")
        row(recipient="p4@x.test", sensitive=True)
        run()
        assert [sender for sender, _, _ in server.taken] == [PLAIN, ""], "another form that is refused says nothing"


def test_a_refused_recipient_is_not_offered_again_from_another_sender(
    transactional_db: None, settings: Settings
) -> None:
    with running_stubborn(settings) as server:
        server.answers["RCPT"] = "550 5.1.1 no such user"
        row(recipient="gone@x.test")
        run()
        assert sum(said.startswith("MAIL") for said in server.heard) == 1
        assert states() == ["failed"] and AddressTrouble.objects.get().stopped_at is not None


def test_too_big_at_mail_is_the_mail_s_own_fault(transactional_db: None, settings: Settings) -> None:
    with running_stubborn(settings) as server:
        server.answers["MAIL"] = "552 5.3.4 message too big"
        row()
        run()
        assert states() == ["failed"] and not AddressTrouble.objects.exists()
        assert sum(said.startswith("MAIL") for said in server.heard) == 1


def test_a_server_that_hangs_up_at_the_envelope_is_ours(
    transactional_db: None, settings: Settings, client: Client
) -> None:
    with running_stubborn(settings) as server:
        server.answers["MAIL"] = HANG_UP
        row()
        run()
        assert states() == ["queued"] and client.get("/healthz").status_code == 503


def test_one_desk_s_refused_sender_does_not_hold_up_the_other_s(
    transactional_db: None, settings: Settings, client: Client
) -> None:
    with running_stubborn(settings) as server:
        server.answers["MAIL"] = lambda sender: "550 not yours" if sender.startswith("other") else "250 OK"
        at = timezone.now()
        for number in range(12):
            row(recipient=f"p{number}@x.test", sender="other@desk.test", created_at=at)
        for number in range(12):
            row(recipient=f"q{number}@x.test", created_at=at)
        run(at)
        assert sum(server.to(f"q{number}@x.test") for number in range(12)) == 12
        assert client.get("/healthz").status_code == 503, "a desk's mail does not go at all"
        assert sum("other" in said for said in server.heard if said.startswith("MAIL")) == 2, "one mail, two forms"


def test_rl_24_a_login_that_fails_is_one_attempt_however_long(transactional_db: None, settings: Settings) -> None:
    with running_stubborn(settings, "smtp://u:p@127.0.0.1:{port}") as server:
        server.answers["AUTH"] = "535 5.7.8 no"
        at = timezone.now()
        mail = row(created_at=at)
        for _ in range(60):
            run(at)
            at = later(at, 60)
        mail.refresh_from_db()
        assert (mail.state, mail.attempts, mail.tries.count()) == ("queued", 1, 1)
        assert (mail.retry_at - (at - 60 * SECOND)) <= 31 * SECOND


def test_cancelled_mail_is_no_alarm(transactional_db: None, settings: Settings, client: Client) -> None:
    row(delayed_by="relay", delayed_since=timezone.now(), state="cancelled")
    assert client.get("/healthz").status_code == 200


def test_each_new_word_of_our_own_trouble_is_noted_once(transactional_db: None, settings: Settings) -> None:
    with running_stubborn(settings) as server:
        at = timezone.now()
        mail = row(recipient="anna@clinic.test", created_at=at)
        for words in ("450 4.7.1 rate limit", "450 4.7.1 rate limit", "452 4.3.1 no space"):
            server.answers["MAIL"] = words
            run(at)
            at = later(at, 90)
        noted = list(mail.tries.order_by("id").values_list("outcome", "answer"))
        assert [outcome for outcome, _ in noted] == ["later", "later"]
        assert "rate limit" in noted[0][1] and "no space" in noted[1][1]


def test_a_hold_ends_at_once_when_a_mail_of_the_group_is_taken(db: None) -> None:
    """Both the sender's and the domain's hold; others stay."""
    mail, other = row(recipient="a@bad.test"), row(recipient="b@good.test", sender="other@desk.test")
    for held in (mail, other):
        for stage in (Stage.MAIL, Stage.DATA):
            domain_holds.after(held, Refused(stage, 554, "5.7.1 rejected by policy"))
    assert domain_holds.number() == 4 and domain_holds.seconds_left(mail) > 20
    domain_holds.lift(mail)
    assert domain_holds.seconds_left(mail) == 0 < domain_holds.seconds_left(other) and domain_holds.number() == 2
    domain_holds.clear()
