"""Authentication-Results count only if our own server wrote them (AB-11)."""

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.intake.authres import dmarc_passed, parsed
from otklik.mail.inbox import accept
from otklik.mail.models import InboundMail, Mailbox
from tests.cast import Cast
from tests.postoffice import letter, run_all

GOOD = "mx.test; dmarc=pass header.from=clinic.test"


@pytest.mark.parametrize(
    "header",
    [
        GOOD,
        "mx.test 1; spf=pass smtp.mailfrom=clinic.test; dmarc=pass (p=reject) header.from=clinic.test",
        "MX.test;\tdmarc = pass  header.from = Clinic.Test",
        'mx.test; dkim=pass reason="good; (really)" header.d=x.test; dmarc=pass header.from="clinic.test"',
    ],
)
def test_what_our_server_says_is_believed(header: str) -> None:
    assert dmarc_passed((header,), "mx.test", "clinic.test")


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ("other.test; dmarc=pass header.from=clinic.test",),
        ("mx.test; dmarc=pass header.from=other.test",),
        ("mx.test; dmarc=pass header.from=sub.clinic.test",),
        ("mx.test; dmarc=fail (dmarc=pass) header.from=clinic.test",),
        ("mx.test; dmarc=fail header.from=clinic.test; dmarc=pass header.from=clinic.test",),
        ('mx.test; dmarc=fail reason="; dmarc=pass header.from=clinic.test"',),
        ("mx.test; (dmarc=pass header.from=clinic.test) dmarc=none header.from=clinic.test",),
        ("mx.test (; dmarc=pass header.from=clinic.test",),
        ("mx.test; )dmarc=fail header.from=clinic.test; (dmarc=pass header.from=clinic.test",),
        ("mx.test; dmarc=pass",),
        ("mx.test; dmarc=pass header.from=clinic.test header.from=x.test",),
        ("mx.test; spf=pass smtp.mailfrom=clinic.test",),
        ("mx.test; dmarc=bestguesspass header.from=clinic.test",),
        ("mx.test 2; dmarc=pass header.from=clinic.test",),
        ("mx.test dmarc=pass header.from=clinic.test",),
        ("mx.test; dmarc=pass header.from=clinic.test garbage",),
        ("mx.test; spf garbage; dmarc=pass header.from=clinic.test",),
        ("dmarc=pass header.from=clinic.test",),
        ("(mx.test); dmarc=pass header.from=clinic.test",),
        ("other.test; none", GOOD),
        ("mx.test (", GOOD),
        (GOOD, "mx.test; dmarc=fail header.from=clinic.test"),
        (GOOD, GOOD),
        ("mx.test; none", GOOD),
    ],
)
def test_ab_11_anything_else_is_not(headers: tuple[str, ...]) -> None:
    assert not dmarc_passed(headers, "mx.test", "clinic.test")


def test_ab_11_without_the_setting_nothing_is_believed() -> None:
    assert not dmarc_passed((GOOD,), "", "clinic.test")


def test_two_methods_in_one_header_are_both_read() -> None:
    found = parsed("mx.test; spf=pass smtp.mailfrom=a@b.test; dkim=none")
    assert found is not None and [(r.method, r.value) for r in found[1]] == [("spf", "pass"), ("dkim", "none")]


TOP = "Authentication-Results: mx.test; dmarc=pass header.from=clinic.test\n"
FOLDED = (
    "Authentication-Results: mx.test;\n\tspf=pass smtp.mailfrom=x.test;\n"
    "\tdmarc=fail\n\t (dmarc=pass)\n\t header.from=clinic.test\n"
)
RECEIVED = "Received: from x by y; Mon, 02 Nov 2026 12:00:00 +0300\n"


@pytest.mark.parametrize(
    ("head", "level"),
    [(TOP, "aligned"), (TOP + RECEIVED, "aligned"), (RECEIVED + TOP, "claimed"), (FOLDED, "claimed"), ("", "claimed")],
)
def test_ab_11_only_above_the_first_received(people: Cast, settings: Settings, head: str, level: str) -> None:
    settings.TRUSTED_AUTHSERV = "mx.test"
    box = Mailbox.objects.get(address="accredo@desk.test")
    raw = head.encode() + letter()
    mail = accept(raw=raw, mailbox=box, transport="smtp", envelope_from="", envelope_to="", at=timezone.now())
    run_all(deliver_too=False)
    assert InboundMail.objects.get(pk=mail.pk).level == level
