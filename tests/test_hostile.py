"""Security cases about no single page: headers, injection, file names, endpoints that must not exist."""

import io
import re
import socket
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory

from otklik.cli import archive, backup
from otklik.mail.models import OutboundMail
from otklik.portal.views import anonymous
from otklik.tickets.models import Attachment, Message, Unconfirmed
from otklik.worker.dispatch import dispatch_next
from tests.cast import Cast
from tests.portal.helpers import as_, card, form

ROOT = Path(__file__).parent.parent
REQUESTS = "/servicedesk/customer/user/requests"
# Quotes, comments, operators, formats, patterns and words of several dialects.
INJECTIONS = (
    "'", '"', "' OR '1'='1", "1; DROP TABLE people_person;--", "%' AND pg_sleep(9)--", "\\", "$$", "{}", "%s", "%(x)s",
    "x' UNION SELECT password FROM people_person--", "1)) OR 1=1--", "owner__password", "-id,id", "_connector", "\x00",
    "|", "a:* & b", "<->", "!!", "((", "' || version() || '", "%%%%", "[]", "null", "-1", "9" * 40, "1e999", "٣",
)  # fmt: skip


def test_ab_57_nothing_of_ours_is_shown_inside_others_pages(cast: Cast, home: Path) -> None:
    agent, anna, nobody = as_(cast.agent), as_(cast.anna), Client()
    answers = [
        nobody.get("/servicedesk/customer/user/login"),
        nobody.post("/servicedesk/customer/user/login", {}),
        nobody.get("/nothing/here"),
        nobody.get("/healthz"),
        nobody.put("/servicedesk/customer/portals"),
        Client(enforce_csrf_checks=True).post("/servicedesk/customer/user/logout"),
        anna.get(card(cast)),
        anna.post(form(cast), {}),
        agent.get("/browse/ACCREDO-1"),
        agent.get("/browse/ACCREDO-999"),
    ]
    assert {one.status_code for one in answers} >= {200, 403, 404, 405, 422}
    for one in answers:
        assert one["X-Frame-Options"] == "DENY" and "frame-ancestors 'none'" in one["Content-Security-Policy"]
        assert one["Cross-Origin-Opener-Policy"] == "same-origin" and one["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in one["Cache-Control"]


def test_ab_60_no_parameter_reaches_sql(cast: Cast) -> None:
    agent, anna = as_(cast.agent), as_(cast.anna)
    queue = f"/projects/ACCREDO/queues/custom/{cast.desk.queues.all()[0].pk}"
    for words in INJECTIONS:
        for client, path, name in ((anna, REQUESTS, "filter"), (agent, "/projects/go", "q"), (agent, queue, "q")):
            assert client.get(path, {name: words}, follow=True).status_code in {200, 400, 404}, (path, words)
    for name in ("status", "reporter", "sort", "order", "page", "requestType", "desk", "view", "fate"):
        for client, path in ((anna, REQUESTS), (agent, queue), (agent, "/projects/ACCREDO/mail")):
            for words in ("' OR '1'='1", "owner__password", "\x00"):
                assert client.get(path, {name: words}, follow=True).status_code in {200, 400, 404}, (path, name)


def test_ab_61_mails_tell_nobody_that_they_were_read(cast: Cast) -> None:
    while dispatch_next():
        pass
    mails = list(OutboundMail.objects.exclude(html=""))
    assert mails and not any(
        re.search(r"<(img|link|iframe|object)\b|url\(", mail.html, re.IGNORECASE) for mail in mails
    )


@pytest.mark.parametrize(
    "name",
    [
        ".htaccess",
        "\u200b.htaccess",
        "../../x",
        "a\\..\\b.php",
        "x" * 3000 + ".txt",
        "CON",
        "x.php",
        "\u202efdp.exe",
        " ",
    ],
)
def test_ab_75_no_name_of_a_file_reaches_the_disk(cast: Cast, home: Path, name: str) -> None:
    as_(cast.anna).post(card(cast, "/comment"), {"comment": "x", "attachments": SimpleUploadedFile(name, b"bytes")})
    kept = Attachment.objects.get()
    assert not set(kept.name) & set("/\\\u202e\x00") and len(kept.name) <= 150
    files = [path for path in Path(settings.FILES).rglob("*") if path.is_file() and path.name != "lock"]
    assert [path.name for path in files] == [kept.digest] and re.fullmatch("[0-9a-f]{64}", kept.digest)
    assert files[0].stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["files/../../evil", "files//etc/evil", "../evil", "/tmp/evil", "files/" + "0" * 64])
def test_ab_76_a_backup_cannot_write_outside_the_store(home: Path, tmp_path: Path, name: str) -> None:
    file = tmp_path / "bad.tar"
    with tarfile.open(file, "w") as bad:
        entry = tarfile.TarInfo(name)
        entry.size = 4
        bad.addfile(entry, io.BytesIO(b"evil"))
    before = set(tmp_path.rglob("*"))
    with pytest.raises(archive.InvalidArchive), archive.opened(file, lambda _manifest: None):
        pass
    # Behind that the store itself names each file by the hash of its bytes.
    with tarfile.open(file) as tar, pytest.raises(ValueError, match="damaged"):
        backup._restore_files(archive.Archive(tar, {}, tuple(tar.getmembers())))
    assert {path for path in tmp_path.rglob("*") if path.is_file() and "evil" in path.name} == set()
    assert before <= set(tmp_path.rglob("*"))


def test_ab_78_no_page_reads_files_or_calls_out_for_what_a_mail_names(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = '<img src="file:///etc/passwd"><link href="http://127.0.0.1:1/x"><object data="http://10.0.0.1/"></object>'
    Message.objects.filter(ticket=cast.ticket).update(html=evil, text=evil)
    agent, anna = as_(cast.agent), as_(cast.anna)

    def refuse(*where: Any) -> None:
        raise AssertionError(f"something called {where}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for client, path in ((agent, "/browse/ACCREDO-1"), (anna, card(cast)), (anna, f"{REQUESTS}.csv")):
        assert "root:" not in client.get(path, follow=True).content.decode()


def test_ab_79_and_83_nobody_makes_the_server_call_or_read_xml() -> None:
    sources = {path: path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py")}
    callers = {
        path.name
        for path, text in sources.items()
        if re.search(r"^(import|from) (requests|urllib\.request|http\.client)", text, re.M)
    }
    assert callers <= {"oauth.py", "sso.py", "doctor_checks.py", "probes.py", "pages.py"}, (
        "each of these calls what the operator set"
    )
    assert not [
        path for path, text in sources.items() if re.search(r"^(import|from) (xml|lxml|defusedxml)\b", text, re.M)
    ]


@pytest.mark.parametrize("words", ["%%%%", "а " * 10_000, "*", "ы" * 5000, "(" * 500, "не или и " * 200])
def test_ab_95_no_search_takes_long(cast: Cast, words: str) -> None:
    agent, anna = as_(cast.agent), as_(cast.anna)
    begun = time.process_time()
    for client, path, query in (
        (anna, REQUESTS, {"filter": words}),
        (agent, "/projects/go", {"q": words}),
        (anna, REQUESTS, {"page": "1" + "0" * 9}),
    ):
        assert client.get(path, query, follow=True).status_code in {200, 400, 404}
    assert time.process_time() - begun < 6


def test_ab_97_files_of_people_without_login_have_a_budget(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    cast.desk.anonymous = True
    cast.desk.save()
    monkeypatch.setattr(anonymous, "BYTES_AT_ONCE", 100)
    monkeypatch.setattr(anonymous, "BYTES_AN_HOUR", 250)
    words = {"summary": "Тема", "description": "Текст", "name": "Нина"}

    def send(n: int, size: int, count: int = 1, **how: Any) -> int:
        files = [SimpleUploadedFile(f"{one}.txt", bytes([one]) * size) for one in range(count)]
        sent = Client(**how).post(form(cast), {**words, "email": f"n{n}@clinic.test", "attachments": files})
        return sent.status_code

    assert send(1, 101) == 422 and send(2, 1, count=11) == 422
    assert [send(n, 90) for n in range(3, 7)] == [302, 302, 422, 422]
    assert send(8, 90, REMOTE_ADDR="10.7.7.7") == 302
    assert Unconfirmed.objects.count() == 3
    assert sum(path.is_file() for path in Path(settings.FILES).glob("*/*/*")) == 1, "what was refused lies nowhere"


def test_ab_97_files_that_come_at_once_count_one_by_one(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr(anonymous, "BYTES_AN_HOUR", 250)
    read = cache.get

    def slowly(*args: Any, **how: Any) -> Any:
        found = read(*args, **how)
        time.sleep(0.2)
        return found

    monkeypatch.setattr(anonymous.cache, "get", slowly)

    def has_room(number: int) -> bool:
        request = RequestFactory().post("/", {"f": SimpleUploadedFile(f"{number}.txt", b"x" * 90)})
        try:
            return anonymous._has_room(request)
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(has_room, range(5))) == [False, False, False, True, True]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_ab_104_what_is_installed_is_pinned_by_hash(name: str) -> None:
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pins) > 20 and all("==" in pin and "--hash=sha256:" in pin for pin in pins)
