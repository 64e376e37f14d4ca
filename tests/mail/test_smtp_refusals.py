"""Classification of refusals: about us, the recipient or this mail, from codes and texts of many servers."""

import pytest

from otklik.mail.smtp_refusals import Blame, Stage, blame, blame_of_report, is_about_the_sender, is_about_us

RELAY, POLICY, RECIPIENT, MAIL = Blame.RELAY, Blame.POLICY, Blame.RECIPIENT, Blame.MAIL

# Before a recipient was heard: whatever it says, and with whatever code.
EARLY = [
    "550 5.1.1 no such user",
    "550 5.7.1 not wanted",
    "553 5.7.1 Sender address rejected: not owned by auth user.",
    "550 5.1.0 <accredo+b1-aaaa@desk.test>: Sender address rejected: User unknown in virtual mailbox table",
    "501 5.1.7 Bad sender address syntax",
    "450 4.1.8 <a@desk.test>: Sender address rejected: Domain not found",
    "451 4.3.0 temporary lookup failure",
    "452 4.3.1 Insufficient system storage",
    "521 5.3.2 this host does not accept mail",
    "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
    "550 Запрещено политикой безопасности",
    "550 5.1.0 <accredo@desk.example>: rejected: domain desk.example has no MX",
    "555 5.5.4 Unsupported option: BODY",
    "503 5.5.1 Error: need AUTH command",
    "550 Запрещено",
]


@pytest.mark.parametrize("words", EARLY)
@pytest.mark.parametrize("stage", [Stage.OPEN, Stage.MAIL])
def test_what_is_said_before_a_recipient_was_heard_is_ours(stage: Stage, words: str) -> None:
    assert blame(stage, int(words[:3]), words) == RELAY


OURS = [
    "554 5.7.1 <anna@clinic.test>: Relay access denied",
    "554 5.7.1 <anna@clinic.test>: Recipient address rejected: Access denied",
    "550 5.7.1 Unable to relay for anna@clinic.test",
    "550-5.7.1 Our system has detected that this message does not meet IPv6 sending guidelines",
    "550 5.7.26 Unauthenticated email from desk.test is not accepted due to domain's DMARC policy",
    "550 5.7.0 Authentication required",
    "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
    "550 5.7.23 The message was rejected because of Sender Policy Framework violation",
    "554 5.7.1 Message rejected under suspicion of SPAM; https://ya.cc/1IrBc",
    "550 5.7.509 Access denied, sending domain desk.test does not pass DMARC verification",
    "550 5.1.8 <accredo@desk.test>: Sender address rejected: Domain not found",
    "550 5.1.0 <accredo@desk.test>: Sender address rejected: User unknown in local recipient table",
    "550 5.1.1 <accredo@desk.test>: Sender address rejected: User unknown in local recipient table",
    "553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)",
    "550 Sender verify failed",
    "550-Verification failed for <accredo+b1@desk.test>\n550 Sender verify failed",
    "550 relay not permitted",
    "550 Relaying denied",
    "551 we do not relay",
    "550 SPF check failed",
    "550 Administrative prohibition",
    "550 Your host is listed in the Barracuda blocklist",
    "550 Rejected: your IP has a poor reputation",
    "550 5.4.5 Daily user sending limit exceeded",
    "550 Blocked by policy",
    "503 5.5.1 AUTH first",
    "450 4.7.1 Error: too much mail from 192.0.2.1",
    "451 4.7.1 Rate limit exceeded, try again later",
    "451 Too many messages, slow down",
    "451 4.7.1 Try again later: temporarily deferred due to user complaints",
    "450 4.7.25 Client host rejected: cannot find your hostname",
    "452 4.3.1 Insufficient system storage",
    "451 4.7.500 Server busy. Please try again later from [192.0.2.1]; rate limited",
    "550 Отправитель не найден",
]


@pytest.mark.parametrize("words", OURS)
@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DATA, Stage.DOT, Stage.GONE])
def test_sender_domain_login_relaying_policy_and_rate_are_ours(stage: Stage, words: str) -> None:
    assert blame(stage, int(words[:3]), words) in {RELAY, POLICY}


@pytest.mark.parametrize("code", [421, 454, 530, 534, 535, 538])
def test_codes_about_the_connection_are_ours_whatever_is_said(code: int) -> None:
    assert blame(Stage.RCPT, code, f"{code} 5.1.1 no such user") == RELAY


@pytest.mark.parametrize(
    "words",
    [
        "550 5.1.1 <policy@relay.test>: Recipient address rejected: User unknown in virtual mailbox table",
        "550 5.1.1 The email account that you tried to reach does not exist",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound",
        "550 5.2.1 The email account that you tried to reach is disabled",
        "552 5.2.2 The email account that you tried to reach is over quota; messages limit",
        "450 4.2.1 mailbox busy",
        "452 4.2.2 The email account that you tried to reach is over its sending limit and quota",
        "556 5.1.10 Recipient address has null MX",
        "550 <rate-limit@spf.test>: no such user",
        "550 mailbox unavailable",
        "551 User not local",
        "553 mailbox name not allowed",
        "451 4.7.1 greylisted, come again",
        "450 4.7.1 <anna@clinic.test>: Recipient address rejected: Greylisted, please try again in 5 minutes",
        "451 Please try again later",
        "550 5.4.1 Recipient address rejected",
    ],
)
def test_what_is_about_the_recipient_stays_the_recipient_s(words: str) -> None:
    assert blame(Stage.RCPT, int(words[:3]), words) == RECIPIENT


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage.DATA, "552 5.3.4 Message size exceeds fixed limit"),
        (Stage.MAIL, "552 5.3.4 message too big"),
        (Stage.DOT, "552 Your message exceeded our message size limits"),
        (Stage.RCPT, "552 5.2.3 message larger than this mailbox takes"),
        (Stage.DOT, "550 5.6.0 malformed content"),
        (Stage.DOT, "554 transaction failed"),
        (Stage.DOT, "550 no"),
        (Stage.RCPT, "554 no"),
        (Stage.RCPT, "550 5.5.0 no"),
        (Stage.GONE, "553 5.6.7 cannot send to addresses with letters beyond ASCII"),
    ],
)
def test_what_is_about_the_mail_blames_nobody(stage: Stage, words: str) -> None:
    assert blame(stage, int(words[:3]), words) == MAIL


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("5.1.1 550 5.1.1 <anna@clinic.test>: user unknown", RECIPIENT),
        ("5.7.26 550 5.7.26 unauthenticated", POLICY),
        ("5.0.0 smtp; 554 5.7.1 Relay access denied", POLICY),
        ("mailbox unavailable", RECIPIENT),
        ("5.3.4 552 too big", MAIL),
    ],
)
def test_a_report_is_judged_by_what_it_quotes(words: str, expected: Blame) -> None:
    assert blame_of_report(words) == expected


def test_a_sender_that_may_be_another_one_is_told_from_a_recipient() -> None:
    assert is_about_the_sender("550 5.7.60 SMTP; Client does not have permissions to send as this sender")
    assert is_about_the_sender("553 5.1.8 no") and is_about_the_sender("501 5.1.7 no")
    assert not is_about_the_sender("550 5.1.1 <sender.rejected@x.test>: user unknown")
    assert not is_about_the_sender("554 5.7.1 <anna@clinic.test>: Relay access denied")


@pytest.mark.parametrize(
    "words",
    [
        "554 5.7.1 <anna@clinic.test>: Relay access denied",
        "550 relay not permitted",
        "550 5.7.0 Authentication required",
        "503 5.5.1 AUTH first",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
        "553 5.7.1 Sender address rejected: not owned by auth user.",
    ],
)
def test_some_refusals_are_about_us_whoever_the_mail_is_for(words: str) -> None:
    assert is_about_us(words)


@pytest.mark.parametrize(
    "words",
    [
        "550 5.7.26 Unauthenticated email from desk.test is not accepted due to domain's DMARC policy",
        "550-5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires SPF or DKIM",
        "550 5.7.23 The message was rejected because of Sender Policy Framework violation",
        "554 5.7.1 Message rejected under suspicion of SPAM",
        "554 5.7.1 <relay@clinic.test>: Recipient address rejected: Access denied",
        "550 5.7.1 not wanted",
        "550 Your host is listed in the Barracuda blocklist",
    ],
)
def test_what_one_receiver_checks_says_nothing_about_our_server(words: str) -> None:
    assert not is_about_us(words)
