"""The frame with a mail's original HTML."""

from pathlib import Path

from otklik.core import blobs
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import Message
from tests.cast import START, Cast
from tests.portal.helpers import as_, card

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
HTML = """<p onclick=x>Письмо</p><script>alert(1)</script>
<img src='cid:a@b'><img src='https://evil.test/x'><img src='cid:svg'>"""


def mailed(cast: Cast, person: Person | None = None, kind: str = "public", html: str = HTML) -> Message:
    digest, size = blobs.put(PNG)
    bad, length = blobs.put(b"<svg onload='alert(1)'/>")
    files = [
        NewFile("a.png", "image/png", size, digest, "<a@b>", True),
        NewFile("b.png", "image/png", length, bad, "svg"),
    ]
    words = Words("Письмо", html=html)
    actor = Actor(person or cast.anna, "mail")
    return comment(actor=actor, at=START, ticket=cast.ticket, words=words, files=files, kind=kind)


def frame(cast: Cast, message: Message) -> str:
    return card(cast, f"/message/{message.pk}/frame")


def test_ab_65_the_frame_shows_the_mail_without_what_acts(cast: Cast, home: Path) -> None:
    response = as_(cast.anna).get(frame(cast, mailed(cast)))
    shown = response.content.decode()
    assert "<p>Письмо</p>" in shown and "script" not in shown and "onclick" not in shown
    assert shown.count("src=") == 1 and 'src="data:image/png;base64,' in shown
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'self'" in policy and "script-src" not in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy and "allow-scripts" not in policy
    assert "allow-same-origin" not in policy and "img-src data:;" in policy
    assert (response["X-Frame-Options"], response["Referrer-Policy"]) == ("SAMEORIGIN", "no-referrer")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_ab_65_the_page_puts_it_into_a_sandbox(cast: Cast, home: Path) -> None:
    message = mailed(cast)
    page = as_(cast.anna).get(card(cast)).content.decode()
    assert f'src="{frame(cast, message)}"' in page and "alert(1)" not in page and "evil.test" not in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "Показать письмо, как оно пришло" in page


def test_no_frame_for_what_has_no_html(cast: Cast) -> None:
    plain = Message.objects.get(ticket=cast.ticket, opening=True)
    assert as_(cast.anna).get(frame(cast, plain)).status_code == 404
    assert "mail-frame" not in as_(cast.anna).get(card(cast)).content.decode()


def test_ab_44_ab_48_frames_are_as_closed_as_their_messages(cast: Cast, home: Path) -> None:
    note, public = mailed(cast, cast.agent, "internal"), mailed(cast)
    for person in (cast.anna, cast.boris, cast.agent, cast.admin):
        assert as_(person).get(frame(cast, note)).status_code == 404
        assert as_(person).get(frame(cast, public)).status_code == 200
    assert as_(cast.stranger).get(frame(cast, public)).status_code == 404
    Message.objects.filter(pk=public.pk).update(held=True)
    assert as_(cast.anna).get(frame(cast, public)).status_code == 404


def test_ab_73_too_complex_a_mail_says_so_and_its_text_is_on_the_card(cast: Cast, home: Path) -> None:
    message = mailed(cast, html="<div>" * 50_000)
    assert "слишком сложное" in as_(cast.anna).get(frame(cast, message)).content.decode()
    assert "<p>Письмо</p>" in as_(cast.anna).get(card(cast)).content.decode()
