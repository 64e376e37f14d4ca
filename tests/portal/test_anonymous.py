"""Requests without an account: only through a confirmation link (AB-90)."""

import re
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from otklik.desks.models import Field, RequestType
from otklik.mail.models import OutboundMail
from otklik.people.models import Person
from otklik.portal.views import anonymous
from otklik.tickets.models import Ticket, Unconfirmed
from tests.cast import Cast
from tests.portal.helpers import as_, form

WORDS = {"summary": "Купите слона", "description": "Текст чужого", "email": "New@Clinic.test", "name": "Нина"}


@pytest.fixture
def opened(cast: Cast) -> Cast:
    """Return the cast, with a desk that accepts requests without an account."""
    cast.desk.anonymous = True
    cast.desk.save()
    return cast


def link() -> str:
    """Return the path of the newest confirmation link."""
    mail = OutboundMail.objects.filter(kind="confirm_request").latest("id")
    found = re.search(r"/servicedesk/customer/confirm/[\w-]+", mail.text)
    assert found
    return found[0]


def test_ab_90_nothing_is_opened_before_the_link_is_confirmed(opened: Cast, home: Path) -> None:
    people = Person.objects.count()
    files = SimpleUploadedFile("a.txt", b"abc")
    response = Client().post(form(opened), {**WORDS, "attachments": files})
    assert response["Location"].endswith("/check-mail")
    assert (Ticket.objects.count(), Person.objects.count()) == (1, people)
    page = Client().get(link()).content.decode()
    assert "Купите слона" in page and (Ticket.objects.count(), Person.objects.count()) == (1, people)
    shown = Client().post(link()).content.decode()
    ticket = Ticket.objects.latest("id")
    assert ticket.key in shown and ticket.requester and ticket.requester.email == "new@clinic.test"
    assert ticket.messages.get().attachments.get().name == "a.txt"
    assert not ticket.sender_unverified


def test_the_desk_is_named_in_the_readers_language(opened: Cast) -> None:
    opened.desk.texts = {"en": {"name": "Accreditation desk"}}
    opened.desk.save()
    reader = Client()
    reader.cookies["otklik_language"] = "en"
    reader.post(form(opened), WORDS)
    mail = OutboundMail.objects.get(kind="confirm_request")
    page = reader.get(link()).content.decode()
    for shown in (mail.text, page, reader.post(link()).content.decode()):
        assert opened.desk.name not in shown
    assert "Accreditation desk" in mail.text and "Accreditation desk" in page


def test_ab_90_the_link_works_once_and_logs_nobody_in(opened: Cast) -> None:
    Client().post(form(opened), WORDS)
    client = Client()
    first, second = client.post(link()), client.post(link())
    assert Ticket.objects.count() == 2 and second.status_code == 200
    assert client.get("/servicedesk/customer/user/requests").status_code == 302
    assert first["Referrer-Policy"] == "strict-origin"


def test_ab_88_the_mail_carries_no_word_of_the_sender(opened: Cast) -> None:
    Client().post(form(opened), WORDS)
    mail = OutboundMail.objects.get(kind="confirm_request")
    assert all(word not in mail.subject + mail.text + mail.html for word in ("слона", "Текст чужого", "Нина"))
    assert mail.recipient == "new@clinic.test"


def test_ab_29_known_and_unknown_addresses_get_the_same_answer(opened: Cast) -> None:
    pages = []
    for address in ("anna@clinic.test", "unknown@clinic.test", "accredo@desk.test"):
        response = Client().post(form(opened), {**WORDS, "email": address})
        pages.append((response.status_code, response["Location"]))
    assert len(set(pages)) == 1
    assert not OutboundMail.objects.filter(recipient="accredo@desk.test").exists()


def moved_back(minutes: int) -> None:
    """Make all unconfirmed requests this many minutes old."""
    Unconfirmed.objects.update(created_at=timezone.now() - timedelta(minutes=minutes))


def links_for(*addresses: str) -> list[int]:
    return [Client().post(form_of(address), {**WORDS, "email": address}).status_code for address in addresses]


def form_of(_address: str) -> str:
    kind = RequestType.objects.filter(desk__key="ACCREDO").order_by("position")[0]
    return f"/servicedesk/customer/portal/{kind.desk_id}/create/{kind.pk}"


def test_ab_32_one_link_a_minute_and_what_was_written_stays(opened: Cast) -> None:
    assert links_for("new@clinic.test") == [302]
    response = Client().post(form(opened), WORDS)
    page = response.content.decode()
    assert response.status_code == 422 and "только что ушло письмо" in page
    assert "Купите слона" in page and "Текст чужого" in page
    assert links_for("new+1@clinic.test", "other@clinic.test") == [422, 302]
    moved_back(2)
    assert links_for("new@clinic.test") == [302]


def test_ab_90_three_links_an_hour_and_five_a_day_for_a_mailbox(opened: Cast) -> None:
    for minutes in (50, 40, 30):
        assert links_for("new@clinic.test") == [302]
        Unconfirmed.objects.filter(created_at__gt=timezone.now() - timedelta(minutes=1)).update(
            created_at=timezone.now() - timedelta(minutes=minutes)
        )
    assert links_for("new@clinic.test") == [422]
    moved_back(23 * 60)
    for _more in range(2):
        assert links_for("new@clinic.test") == [302]
        Unconfirmed.objects.filter(created_at__gt=timezone.now() - timedelta(minutes=1)).update(
            created_at=timezone.now() - timedelta(hours=22)
        )
    assert links_for("new@clinic.test") == [422]
    moved_back(24 * 60 + 1)
    assert links_for("new@clinic.test") == [302]


def test_ab_90_three_hundred_links_an_hour_to_everybody_together(opened: Cast) -> None:
    links_for("new@clinic.test")
    row = Unconfirmed.objects.get()
    Unconfirmed.objects.bulk_create(
        Unconfirmed(
            digest=f"{n}",
            request_type=row.request_type,
            address=f"a{n}@x.test",
            created_at=row.created_at,
            expires_at=row.expires_at,
        )
        for n in range(298)
    )
    assert links_for("last@clinic.test", "over@clinic.test") == [302, 422]
    moved_back(61)
    assert links_for("over@clinic.test") == [302]


@pytest.mark.parametrize("place", ["127.0.0.1", "10.0.0.7", "192.168.1.9", "::1", "203.0.113.5"])
def test_ab_32_no_network_address_is_an_exception(opened: Cast, place: str) -> None:
    cache.clear()
    codes = [
        Client(REMOTE_ADDR=place).post(form(opened), {**WORDS, "email": f"n{n}@clinic.test"}).status_code
        for n in range(21)
    ]
    assert codes == [302] * 20 + [429]


def test_ab_90_twenty_forms_an_hour_from_one_network_address(opened: Cast) -> None:
    cache.clear()

    def post(n: int, **how: Any) -> Any:
        return Client(**how).post(form(opened), {**WORDS, "email": f"n{n}@clinic.test"})

    assert [post(n).status_code for n in range(21)] == [302] * 20 + [429]
    assert "Текст чужого" in post(22).content.decode(), "the words stay in the form"
    assert post(23, REMOTE_ADDR="10.7.7.7").status_code == 302
    assert Unconfirmed.objects.count() == 21


@pytest.mark.slow
def test_ab_97_two_hundred_megabytes_an_hour_from_one_network_address(opened: Cast, home: Path) -> None:
    cache.clear()

    def post(n: int, size: int) -> int:
        file = SimpleUploadedFile("a.bin", b"a" * size)
        words = {**WORDS, "email": f"n{n}@clinic.test", "attachments": file}
        return Client().post(form(opened), words).status_code

    assert post(0, 26 * 1024 * 1024) == 422
    assert [post(n, 25_000_000) for n in range(1, 9)] == [302] * 8
    assert post(9, 10_000_000) == 422 and post(10, 26 * 1024 * 1024) == 422


def test_ab_97_ten_files_at_once_in_all_fields_together(opened: Cast, home: Path) -> None:
    kind = opened.desk.request_types.order_by("position")[0]
    more = Field.objects.create(
        request_type=kind, key="customfield_77", kind=Field.Kind.ATTACHMENT, label="Ещё файлы", position=90
    )
    cache.clear()

    def post(there: int) -> Any:
        files = [SimpleUploadedFile(f"{n}.txt", b"abc") for n in range(5 + there)]
        words = {**WORDS, "email": f"n{there}@clinic.test", "attachments": files[:5], more.key: files[5:]}
        return Client().post(form(opened), words)

    assert post(5).status_code == 302
    refused = post(6)
    assert refused.status_code == 422 and "10 файлов и 25 МБ" in refused.content.decode()
    assert "Текст чужого" in refused.content.decode()


def test_a_type_that_was_restricted_or_archived_meanwhile_opens_nothing(opened: Cast) -> None:
    assert links_for("new@clinic.test") == [302]
    for change in ({"restricted": True}, {"archived": True, "restricted": False}):
        opened.desk.request_types.update(**change)
        assert Client().get(link()).status_code == 404 and Client().post(link()).status_code == 404
    assert Ticket.objects.count() == 1


def test_ab_07_who_was_switched_off_opens_nothing_by_a_link(opened: Cast) -> None:
    assert links_for("anna@clinic.test") == [302]
    Person.objects.filter(pk=opened.anna.pk).update(is_active=False)
    assert Client().post(link()).status_code == 404
    assert Ticket.objects.count() == 1 and Unconfirmed.objects.get().ticket_key == ""
    Person.objects.filter(pk=opened.anna.pk).update(is_active=True)
    assert Client().post(link()).status_code == 200 and Ticket.objects.latest("id").requester == opened.anna


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_open_one_request(opened: Cast) -> None:
    assert links_for("new@clinic.test") == [302]
    path, before, errors = link(), Ticket.objects.count(), list[int]()

    def confirm() -> None:
        errors.append(Client().post(path).status_code)
        connection.close()

    with transaction.atomic():
        # Both wait here for the row, and go on together.
        Unconfirmed.objects.select_for_update().get()
        threads = [threading.Thread(target=confirm) for _ in range(2)]
        for thread in threads:
            thread.start()
        waiting(2)
    for thread in threads:
        thread.join(60)
    assert errors == [200, 200] and Ticket.objects.count() == before + 1


@pytest.mark.django_db(transaction=True)
def test_ab_90_forms_sent_at_once_send_one_link(opened: Cast) -> None:
    codes = list[int]()
    cache.clear()

    def post() -> None:
        codes.append(Client().post(form(opened), WORDS).status_code)
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(codes) == [302, 422, 422, 422]
    assert OutboundMail.objects.filter(kind="confirm_request").count() == 1


@pytest.mark.django_db(transaction=True)
def test_ab_97_files_sent_at_once_are_counted_one_after_the_other(
    opened: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reads the count and writes it: concurrently they would count as one."""
    codes, reading = list[int](), threading.Barrier(2)
    cache.clear()

    def read(key: str, default: int = 0) -> int:
        taken = int(cache.get(key, default))
        with suppress(threading.BrokenBarrierError):
            reading.wait(2)
        return taken

    monkeypatch.setattr(anonymous, "BYTES_AN_HOUR", 100)
    monkeypatch.setattr(anonymous, "cache", SimpleNamespace(get=read, set=cache.set))

    def post(number: int) -> None:
        file = SimpleUploadedFile("a.txt", b"a" * 60)
        words = {**WORDS, "email": f"n{number}@clinic.test", "attachments": file}
        codes.append(Client().post(form(opened), words).status_code)
        connection.close()

    threads = [threading.Thread(target=post, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(codes) == [302, 422]


def waiting(count: int) -> None:
    """Wait until `count` connections wait for a lock."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waited")


def test_an_old_link_and_a_desk_that_closed_its_door_open_nothing(opened: Cast) -> None:
    Client().post(form(opened), WORDS)
    opened.desk.anonymous = False
    opened.desk.save()
    assert Client().post(link()).status_code == 404
    opened.desk.anonymous = True
    opened.desk.save()
    row = Unconfirmed.objects.get()
    Unconfirmed.objects.update(expires_at=row.created_at - timedelta(hours=1))
    assert Client().post(link()).status_code == 404 and Ticket.objects.count() == 1


def test_a_desk_that_does_not_allow_it_asks_to_log_in(cast: Cast) -> None:
    assert "/user/login" in Client().post(form(cast), WORDS)["Location"]
    assert Unconfirmed.objects.count() == 0


def test_ab_47_a_restricted_type_is_not_there_without_an_account(opened: Cast) -> None:
    opened.desk.request_types.update(restricted=True)
    assert Client().get(form(opened)).status_code == 404
    assert Client().post(form(opened), WORDS).status_code == 404


def test_what_is_wrong_is_said_and_nothing_lost(opened: Cast, home: Path) -> None:
    files = SimpleUploadedFile("a.txt", b"abc")
    response = Client().post(form(opened), {**WORDS, "email": "нет", "attachments": files})
    page = response.content.decode()
    assert response.status_code == 422 and 'id="id_email_error"' in page
    assert "Купите слона" in page and "attachments.kept" in page


def test_whoever_is_logged_in_is_not_asked_for_an_address(opened: Cast) -> None:
    assert 'name="email"' not in as_(opened.anna).get(form(opened)).content.decode()
    assert 'name="email"' in Client().get(form(opened)).content.decode()


@pytest.mark.parametrize(("count", "size", "kept"), [(10, 3, 10), (11, 3, 0), (2, 13 * 1024 * 1024, 0)])
def test_ab_97_files_beyond_what_one_may_send_do_not_reach_the_disk(
    opened: Cast, home: Path, count: int, size: int, kept: int
) -> None:
    """The request is refused and none of its files is stored."""
    cache.clear()
    files = [SimpleUploadedFile(f"{number}.txt", f"{number:03}".encode().ljust(size)) for number in range(count)]
    answer = Client().post(form(opened), {**WORDS, "email": "n@clinic.test", "attachments": files})
    assert answer.status_code == (302 if kept else 422)
    assert len([one for one in home.rglob("*") if one.is_file() and len(one.name) == 64]) == kept
