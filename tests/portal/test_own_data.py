"""Export and erasure of one's own data."""

import io
import json
import os
import time
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from otklik.core import blobs
from otklik.journal.models import Event
from otklik.mail.models import InboundMail, OutboundMail
from otklik.people.actor import Actor, system
from otklik.people.commands.phones import add_phone
from otklik.people.models import DataExport, ErasureRequest, Person, Phone
from otklik.people.queries import person_by_address
from otklik.privacy import exports
from otklik.privacy.erase import erase_person
from otklik.privacy.exports import export_next
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import Message
from otklik.worker.dispatch import dispatch_next
from tests.cast import NOTE_CANARY, Cast
from tests.portal.helpers import as_, inbound_mail, logged_in, mailed
from tests.refusing import refused_as

DATA = "/servicedesk/customer/user/profile/data"
ADMIN = "/secure/admin/erasures"


@pytest.fixture(autouse=True)
def no_throttle_yet(db: None) -> None:
    cache.clear()


def body(client: Client) -> bytes:
    response = client.get(f"{DATA}/archive")
    assert response.status_code == 200 and response["Content-Disposition"].startswith("attachment")
    return b"".join(response.streaming_content)  # type: ignore[arg-type]


def test_everything_about_me_in_one_archive(cast: Cast, home: Path) -> None:
    digest, size = blobs.put(b"%PDF-1.4 words")
    file = NewFile("скан ../../x.pdf", "application/pdf", size, digest)
    actor = Actor(cast.anna, "portal")
    comment(actor=actor, at=timezone.now(), ticket=cast.ticket, words=Words("Вот скан."), files=[file])
    anna = logged_in(cast.anna)
    assert anna.post(f"{DATA}/export").status_code == 302
    assert "Данные собираются" in anna.get(DATA).content.decode()
    assert export_next() and not export_next()
    assert "profile/data" in mailed("anna@clinic.test", "export_ready").text
    archive = zipfile.ZipFile(io.BytesIO(body(anna)))
    data = json.loads(archive.read("data.json"))
    assert data["person"]["name"] == "Анна Петрова" and data["requests"][0]["key"] == "ACCREDO-1"
    assert [one["text"] for one in data["requests"][0]["messages"]][1:] == ["Смотрим, ответим сегодня.", "Вот скан."]
    (path,) = [name for name in archive.namelist() if name.startswith("files/")]
    assert archive.read(path) == b"%PDF-1.4 words" and ".." not in path
    assert NOTE_CANARY not in archive.read("data.json").decode()


def test_ab_35_the_archive_wants_a_fresh_confirmation_and_is_nobody_elses(cast: Cast, home: Path) -> None:
    logged_in(cast.anna).post(f"{DATA}/export")
    export_next()
    stolen = as_(cast.anna)
    for method, path in (("get", "archive"), ("post", "export"), ("post", "erase")):
        assert "/user/confirm" in getattr(stolen, method)(f"{DATA}/{path}")["Location"]
    assert logged_in(cast.boris).get(f"{DATA}/archive").status_code == 404


def test_the_archive_goes_after_a_week(cast: Cast, home: Path) -> None:
    anna = logged_in(cast.anna)
    anna.post(f"{DATA}/export")
    export_next()
    row = DataExport.objects.get(person=cast.anna)
    os.utime(blobs.path_of(row.digest), (0, 0))
    DataExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert anna.get(f"{DATA}/archive").status_code == 404
    assert export_next() and not blobs.path_of(row.digest).exists()


def test_ab_105_a_wish_to_be_forgotten_waits_and_can_be_taken_back(cast: Cast) -> None:
    anna, admin = logged_in(cast.anna), as_(cast.admin)
    anna.post(f"{DATA}/erase", {"address": "не тот"})
    assert not ErasureRequest.objects.exists()
    anna.post(f"{DATA}/erase", {"address": "anna@clinic.test"})
    assert "Анна Петрова" in admin.get(ADMIN).content.decode()
    admin.post(f"{ADMIN}/{cast.anna.pk}", {"address": "anna@clinic.test"})
    cast.anna.refresh_from_db()
    assert cast.anna.name == "Анна Петрова", "72 hours have not passed"
    anna.post(f"{DATA}/keep")
    assert admin.post(f"{ADMIN}/{cast.anna.pk}", {"address": "anna@clinic.test"}).status_code == 404


def test_ab_105_nobody_is_erased_unasked_by_a_mail_or_by_agents(cast: Cast) -> None:
    for who in (cast.agent, cast.lead, cast.anna):
        assert as_(who).post(f"{ADMIN}/{cast.anna.pk}", {"address": "anna@clinic.test"}).status_code == 404
    assert as_(cast.admin).post(f"{ADMIN}/{cast.anna.pk}", {"address": "anna@clinic.test"}).status_code == 404
    assert person_by_address("anna@clinic.test") == cast.anna


def test_the_admin_erases_after_the_grace_time(cast: Cast, home: Path) -> None:
    while dispatch_next():
        pass
    EmailAddress.objects.create(user=cast.anna, email="anna@home.test", verified=True)
    add_phone(actor=system(), at=timezone.now(), person=cast.anna, number="+7 495 123-45-67")
    mail = inbound_mail(b"From: anna@clinic.test\r\nSubject: x\r\n\r\nwords")
    InboundMail.objects.filter(pk=mail.pk).update(
        from_address="anna@clinic.test", from_name="Анна", state="filed", settled_at=timezone.now()
    )
    others_words = cast.ticket.messages.filter(author=cast.agent)
    others_words.update(html="<b>x</b>", claimed_author="Глеб")
    anna = logged_in(cast.anna)
    anna.post(f"{DATA}/erase", {"address": "anna@clinic.test"})
    ErasureRequest.objects.update(due_at=timezone.now())
    admin = as_(cast.admin)
    admin.post(f"{ADMIN}/{cast.anna.pk}", {"address": "не тот"})
    assert Person.objects.get(pk=cast.anna.pk).email == "anna@clinic.test"
    admin.post(f"{ADMIN}/{cast.anna.pk}", {"address": "anna@clinic.test"})
    gone = Person.objects.get(pk=cast.anna.pk)
    assert (gone.name, gone.email, gone.is_active) == ("удалённый заявитель", None, False)
    assert not Phone.objects.exists() and not EmailAddress.objects.filter(user=gone).exists()
    assert anna.get("/servicedesk/customer/user/requests").status_code == 302
    assert person_by_address("anna@home.test") is None
    mail.refresh_from_db()
    assert (bytes(mail.raw), mail.from_address, mail.from_name) == (b"", "", "")
    assert not OutboundMail.objects.filter(recipient__in=["anna@clinic.test", "anna@home.test"]).exists()
    assert set(others_words.values_list("html", "claimed_author")) == {("<b>x</b>", "Глеб")}, "nor what others wrote"
    journal = str(list(Event.objects.values_list("actor", "data")))
    assert "Анна Петрова" not in journal and "anna@" not in journal
    others = Event.objects.filter(subject_kind="ticket", subject_id=cast.ticket.pk, actor_id=cast.agent.pk)
    assert set(others.values_list("actor", flat=True)) == {"Глеб Орлов <agent@desk.test>"}, "what others did is theirs"
    cast.ticket.refresh_from_db()
    assert cast.ticket.requester == gone and cast.ticket.messages.filter(opening=True).exists()
    assert "удалённый заявитель" in as_(cast.agent).get("/browse/ACCREDO-1").content.decode()


def test_staff_and_the_erased_are_not_erased(cast: Cast) -> None:
    for person in (cast.agent, cast.admin):
        with refused_as("privacy.works_at_desk"):
            erase_person(actor=system("cli"), at=timezone.now(), person=person)
    erase_person(actor=system("cli"), at=timezone.now(), person=cast.anna)
    with refused_as("privacy.erased_already"):
        erase_person(actor=system("cli"), at=timezone.now(), person=cast.anna)


def test_an_address_that_mails_asked_to_add_is_erased_too(cast: Cast) -> None:
    Message.objects.filter(ticket=cast.ticket).update(asked=["anna@clinic.test", "vera@clinic.test"])
    erase_person(actor=system("cli"), at=timezone.now(), person=cast.anna)
    assert {tuple(one.asked) for one in Message.objects.filter(ticket=cast.ticket)} == {("vera@clinic.test",)}


def test_ab_105_the_time_to_think_ends_to_the_second_unless_it_is_meant_now(cast: Cast, home: Path) -> None:
    at = timezone.now()
    for person, early in ((cast.anna, {}), (cast.boris, {"now": True})):
        ErasureRequest.objects.create(person=person, asked_at=at, due_at=at + timedelta(days=3))
        soon = at + timedelta(days=3) - timedelta(seconds=1)
        if not early:
            with refused_as("privacy.too_early"):
                erase_person(actor=system("cli"), at=soon, person=person)
            soon += timedelta(seconds=1)
        erase_person(actor=system("cli"), at=soon, person=person, **early)
        person.refresh_from_db()
        assert person.email is None


def attached_archive(cast: Cast) -> str:
    """Return the digest of an old archive of Anna's that was attached to a message."""
    logged_in(cast.anna).post(f"{DATA}/export")
    export_next()
    row = DataExport.objects.get(person=cast.anna)
    file = NewFile("мои данные.zip", "application/zip", row.size, row.digest)
    actor = Actor(cast.boris, "portal")
    comment(actor=actor, at=timezone.now(), ticket=cast.ticket, words=Words("Вот архив."), files=[file])
    os.utime(blobs.path_of(row.digest), (0, 0))
    return row.digest


def test_an_archive_that_somebody_attached_stays_with_the_message(cast: Cast, home: Path) -> None:
    digest = attached_archive(cast)
    DataExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert export_next() and not DataExport.objects.exists()
    assert blobs.path_of(digest).exists(), "the message names these bytes"


@pytest.mark.django_db(transaction=True)
def test_an_erased_persons_archive_goes_unless_somebody_attached_it(cast: Cast, home: Path) -> None:
    digest = attached_archive(cast)
    erase_person(actor=Actor(cast.admin, "agent"), at=timezone.now(), person=cast.anna, now=True)
    assert not DataExport.objects.exists() and blobs.path_of(digest).exists()


def test_an_archive_whose_bytes_come_in_just_now_is_not_taken_away(cast: Cast, home: Path) -> None:
    logged_in(cast.anna).post(f"{DATA}/export")
    export_next()
    digest = DataExport.objects.get(person=cast.anna).digest
    os.utime(blobs.path_of(digest), (0, 0))
    blobs.put(blobs.read(digest))  # an upload whose row is not committed yet
    DataExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert export_next() and blobs.path_of(digest).exists()


@pytest.mark.django_db(transaction=True)
def test_the_bytes_of_an_old_archive_go_when_its_row_is_gone_for_good(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the transaction fails, the restored row must not refer to deleted bytes."""
    logged_in(cast.anna).post(f"{DATA}/export")
    export_next()
    digest = DataExport.objects.get(person=cast.anna).digest
    os.utime(blobs.path_of(digest), (0, 0))
    DataExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    remove, inside = blobs.remove, list[bool]()

    def noted(digest: str, *, before: datetime) -> bool:
        inside.append(connection.in_atomic_block)
        return remove(digest, before=before)

    monkeypatch.setattr(blobs, "remove", noted)
    assert export_next() and inside == [False] and not blobs.path_of(digest).exists()


@pytest.mark.django_db(transaction=True)
def test_an_archive_that_cannot_be_removed_keeps_no_other(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in (cast.anna, cast.boris):
        logged_in(person).post(f"{DATA}/export")
        export_next()
    DataExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    def refused(*of: object, **more: object) -> bool:
        raise PermissionError("read-only")

    monkeypatch.setattr(blobs, "remove", refused)
    assert export_next() and export_next() and not DataExport.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_bytes_and_rows_that_could_not_be_removed_are_tried_again_in_an_hour(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "_UNDROPPED", {})
    logged_in(cast.anna).post(f"{DATA}/export")
    export_next()
    digest = DataExport.objects.get(person=cast.anna).digest
    os.utime(blobs.path_of(digest), (0, 0))
    DataExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    def refused(*of: object, **more: object) -> bool:
        raise PermissionError("read-only")

    with monkeypatch.context() as broken:
        broken.setattr(DataExport.objects.none().__class__, "delete", refused)
        assert not export_next() and DataExport.objects.exists()
    assert not export_next() and DataExport.objects.exists()
    hour = time.monotonic() + 3601
    monkeypatch.setattr(time, "monotonic", lambda: hour)
    with monkeypatch.context() as broken:
        broken.setattr(blobs, "remove", refused)
        assert export_next() and not DataExport.objects.exists()
    assert not export_next() and blobs.path_of(digest).exists()
    monkeypatch.setattr(time, "monotonic", lambda: hour + 3601)
    assert export_next() and not blobs.path_of(digest).exists() and not export_next()


@pytest.mark.django_db(transaction=True)
def test_who_is_erased_is_told_no_error_when_the_bytes_cannot_go(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(cast.anna).post(f"{DATA}/export")
    export_next()

    def refused(*of: object, **more: object) -> bool:
        raise PermissionError("read-only")

    monkeypatch.setattr(blobs, "remove", refused)
    erase_person(actor=system("cli"), at=timezone.now(), person=cast.anna)
    assert not DataExport.objects.exists()
