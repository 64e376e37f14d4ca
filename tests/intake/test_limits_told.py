"""A mail truncated by a limit says so in the reader's language and attaches the original."""

import base64
import gzip
import re
from collections.abc import Callable

import pytest

from otklik.mail.models import InboundMail
from otklik.mail.parse import limits, parse
from otklik.tickets.models import Message
from tests.cast import Cast, as_
from tests.mail.test_public_cases import MAILS
from tests.postoffice import Sink, post, run_all
from tests.workspace.helpers import page_of

HEAD = "From: anna@clinic.test\r\nTo: accredo@desk.test\r\nSubject: x\r\nMessage-ID: <limit@clinic.test>\r\n"
HEAD += "MIME-Version: 1.0\r\n"
HTML = HEAD + "Content-Type: text/html; charset=utf-8\r\n\r\n"
MIXED = (
    HEAD
    + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nслова\r\n"
)
FILE = "--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n"


def nested(depth: int) -> str:
    inner = "Content-Type: text/plain\r\n\r\nглубоко\r\n"
    for number in range(depth):
        inner = f"Content-Type: multipart/mixed; boundary=n{number}\r\n\r\n--n{number}\r\n{inner}\r\n--n{number}--\r\n"
    return f"{MIXED}--b\r\n{inner}--b--\r\n"


LIMITS: dict[str, Callable[[], str]] = {
    "text": lambda: HEAD + "\r\n" + "слово " * 100_000,
    "html": lambda: HTML + "<p>слова</p>" + "<b>" * 300 + "глубоко",
    "files": lambda: MIXED + FILE * (limits.ATTACHMENTS + 1) + "--b--\r\n",
    "parts": lambda: nested(limits.MIME_DEPTH + 2),
    "head": lambda: HEAD + f"X-Long: {'a' * (limits.HEADER_VALUE_BYTES + 1)}\r\n\r\nслова",
    "people": lambda: HEAD + "Cc: " + ", ".join(f"p{n}@x.example" for n in range(300)) + "\r\n\r\nслова",
}


@pytest.mark.parametrize("code", LIMITS)
def test_every_limit_has_a_code(code: str) -> None:
    parsed = parse(LIMITS[code]().encode())
    assert parsed.cuts == (code,) and parsed.truncated


def test_many_pictures_in_html_and_many_headers_are_told() -> None:
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n%d").decode()
    source = "".join(f'<img src="data:image/png;base64,{picture}{n:04}">' for n in range(300))
    assert parse((HTML + source).encode()).cuts == ("files",)
    assert parse((HEAD + "X-A: b\r\n" * 1_500 + "\r\nслова").encode()).cuts == ("head",)
    assert parse((HEAD + "X-A: b\r\n" + " folded\r\n" * 20_000 + "\r\nслова").encode()).cuts == ("head",)
    assert parse((HTML + "<p>слова</p>").encode()).cuts == ()


@pytest.mark.parametrize(("code", "words"), [("text", "текст слишком длинный"), ("files", "слишком много файлов")])
def test_both_sides_are_told_in_their_language_and_have_the_original(
    code: str, words: str, people: Cast, intake: int, sink: Sink
) -> None:
    post(intake, LIMITS[code]().encode())
    run_all()
    message = Message.objects.get(inbound=InboundMail.objects.latest("id"))
    assert message.attachments.filter(name__startswith="mail-", name__endswith=".eml").count() == 1
    pages = {
        people.agent: f"/browse/{message.ticket.key}",
        people.anna: f"/servicedesk/customer/portal/{message.ticket.desk_id}/{message.ticket.key}",
    }
    for person, path in pages.items():
        told = f"Здесь показано не всё письмо: {words}. Исходное письмо приложено."
        assert told in re.sub(r"\s+", " ", page_of(as_(person).get(path)))
    people.agent.language = "en"
    people.agent.save()
    assert "Not everything of this mail is shown here" in page_of(as_(people.agent).get(pages[people.agent]))


def test_a_large_picture_in_the_html_is_a_file(people: Cast, intake: int, sink: Sink) -> None:
    path = MAILS / "large-data-picture.eml.gz"
    if not path.exists():
        pytest.skip("the shared cases are not here")
    raw = gzip.decompress(path.read_bytes()).replace(b"@@DESK@@", b"accredo@desk.test").replace(b"@@N@@", b"1")
    post(intake, raw)
    run_all()
    message = Message.objects.get(inbound=InboundMail.objects.latest("id"))
    assert message.attachments.count() == 1 and not message.cuts
    page = page_of(as_(people.agent).get(f"/browse/{message.ticket.key}"))
    shown = next(part for part in re.findall(r'<div class="prose">(.*?)</div>', page, re.S) if "<img" in part)
    assert f"/thumbnail/{message.attachments.get().pk}/" in shown
