"""Many expensive files delay only their own mail (AB-93), and no file is served before it was scanned (AB-29)."""

import base64
import gzip
import os

import pytest
from django.utils import timezone

from otklik.core import blobs
from otklik.intake.process import process_next
from otklik.mail.models import InboundMail
from otklik.mail.secret_scan_mail import RULES
from otklik.notify.ticket_mails import _files
from otklik.tickets.models import Attachment
from tests.cast import Cast
from tests.intake.test_poison import store
from tests.portal.helpers import as_
from tests.postoffice import Sink, run_all

LINK = b"https://desk.test/servicedesk/customer/rating/96.1:8k-QgH6rb_mAMdE38z_u0txYiIHNRwKNiM5JbshQStI"


def _mail(sender: str, *files: bytes) -> bytes:
    head = (
        f"From: {sender}\r\nTo: accredo@desk.test\r\nSubject: Files\r\nMessage-ID: <{timezone.now().timestamp()}@x>\r\n"
    )
    head += "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee these.\r\n"
    parts = (
        b"--b\r\nContent-Type: application/gzip; name=a.gz\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(file).replace(b"\n", b"\r\n")
        for file in files
    )
    return head.encode() + b"".join(parts) + b"--b--\r\n"


def _heavy(said: bytes = b"") -> bytes:
    """Return two kilobytes that expand to two million."""
    return gzip.compress(os.urandom(500).hex().encode() * 2_000 + b"\n" + said)


@pytest.fixture
def waiting(people: Cast, sink: Sink) -> InboundMail:
    return store(_mail("Анна <anna@clinic.test>", *(_heavy() for _file in range(9)), _heavy(LINK)))


def test_ab_93_a_mail_with_much_to_look_through_waits_apart(waiting: InboundMail) -> None:
    ordinary = store(_mail("Пётр <petr@clinic.test>", gzip.compress(b"a log")))
    while process_next():
        pass
    waiting.refresh_from_db()
    ordinary.refresh_from_db()
    assert (waiting.state, waiting.slow, ordinary.state) == ("waiting", 1, "filed")
    assert process_next(1)
    waiting.refresh_from_db()
    assert waiting.state == "filed" and Attachment.objects.filter(message__ticket=waiting.ticket_id).count() == 10


def test_a_mail_with_an_ordinary_document_waits_for_nothing(people: Cast, sink: Sink) -> None:
    mail = store(_mail("Анна <anna@clinic.test>", gzip.compress("Обычные слова письма. ".encode() * 75_000)))
    assert process_next()
    mail.refresh_from_db()
    assert (mail.state, mail.slow) == ("filed", 0)


def test_ab_93_of_many_files_some_are_looked_through_when_they_are_asked_for(waiting: InboundMail) -> None:
    run_all()
    waiting.refresh_from_db()
    files = list(Attachment.objects.filter(message__ticket=waiting.ticket_id).order_by("id"))
    assert [file.searched for file in files] == sorted((file.searched for file in files), reverse=True)
    assert {file.searched for file in files} == {0, RULES}
    last = files[-1]
    assert last.searched == 0 and LINK in gzip.decompress(blobs.read(last.digest))


def test_ab_29_a_file_that_waits_to_be_looked_through_is_given_to_nobody(waiting: InboundMail, people: Cast) -> None:
    run_all()
    waiting.refresh_from_db()
    last = Attachment.objects.filter(message__ticket=waiting.ticket_id).latest("id")
    response = as_(people.agent).get(f"/servicedesk/customershim/secure/attachment/{last.pk}/{last.name}")
    assert response.status_code == 200 and LINK not in gzip.decompress(response.getvalue())
    last.refresh_from_db()
    assert last.searched == RULES


def test_ab_29_a_file_that_waits_to_be_looked_through_is_mailed_to_nobody(waiting: InboundMail) -> None:
    run_all()
    waiting.refresh_from_db()
    message = Attachment.objects.filter(message__ticket=waiting.ticket_id).latest("id").message
    taken, named = _files(message)
    assert {file.searched for file in taken} == {RULES} and {file.searched for file in named} == {0}
