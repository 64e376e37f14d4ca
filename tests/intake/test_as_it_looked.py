"""A mail's layout is kept on the ticket page, on the card, in our mails, in print and in data exports."""

import io
import re
import zipfile
from email.message import EmailMessage

from PIL import Image

from otklik.core import blobs
from otklik.mail.models import InboundMail
from otklik.mail.parse import layout
from otklik.people.actor import Actor
from otklik.privacy.archive import personal_archive
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from otklik.tickets.models import Attachment, Message
from otklik.ui.mail_layout import mail_content
from tests.cast import START, Cast, as_
from tests.portal.helpers import card
from tests.postoffice import Sink, post, run_all
from tests.workspace.helpers import page_of

CID, LOGO = "image001.png@01DB1234.ABCD0000", "image002.png@01DB1234.ABCD0000"
PLAIN = (
    f"Вот что на экране:\n\n[cid:{CID}]\n\nФИО\n\nДата\n\nКузнецова\n\n25.11.2026\n\nС уважением,\nВера\n[cid:{LOGO}]\n"
)
HTML = f"""<p>Вот что на экране:</p><p><img width=624 height=351 src="cid:{CID}"></p>
<table onclick="x()"><tr><td><p>ФИО</p></td><td><p>Дата</p></td></tr>
<tr><td>Кузнецова</td><td>25.11.2026</td></tr></table>
<p>С уважением,<br>Вера<script>alert(1)</script></p><p><img width=120 height=40 src="cid:{LOGO}" onerror="x()"></p>"""


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


def outlook(
    html: str = HTML, plain: str = PLAIN, *, number: int = 1, logo: bytes | None = None, **fields: str
) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "Анна Петрова <anna@clinic.test>", "accredo@desk.test"
    message["Subject"], message["Message-ID"] = "Снимок", f"<look-{number}@clinic.test>"
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(plain)
    message.add_alternative(html, subtype="html")
    body = message.get_payload()[1]  # type: ignore[index]
    for cid, content in ((CID, png(624, 351)), (LOGO, logo or png(120, 40))):
        body.add_related(content, "image", "png", cid=f"<{cid}>", filename=cid.partition("@")[0])
    return message.as_bytes()


def opened(intake: int, raw: bytes) -> Message:
    post(intake, raw)
    run_all()
    return Message.objects.get(inbound=InboundMail.objects.latest("id"))


def prose(page: str) -> str:
    """Return the HTML of the newest mail's message on a page."""
    return next(part for part in re.findall(r'<div class="prose">(.*?)</div>', page, re.S) if "на экране" in part)


def test_ab_70_pictures_and_tables_stand_in_the_words_on_both_sides(people: Cast, intake: int, sink: Sink) -> None:
    message = opened(intake, outlook())
    ticket = message.ticket
    picture, logo = message.attachments.order_by("id")
    assert "cid:" not in message.text and (picture.folded, logo.folded) == (False, True)
    for client, path in (
        (as_(people.agent), f"/browse/{ticket.key}"),
        (as_(people.anna), f"/servicedesk/customer/portal/{ticket.desk_id}/{ticket.key}"),
    ):
        page = page_of(client.get(path))
        words = prose(page)
        address = f"/servicedesk/customershim/secure/thumbnail/{picture.pk}/image001.png"
        assert re.findall(r'<img[^>]* src="([^"]*)"', words) == [address]
        assert client.get(address)["Content-Type"] == "image/png"
        assert "<td>ФИО</td><td>Дата</td></tr><tr><td>Кузнецова</td><td>25.11.2026</td></tr></table>" in words
        assert words.index("экране") < words.index("<img") < words.index("<table")
        assert not re.search(r"cid:|mailto:|script|onclick|onerror|image002", words)
        listed, _, folded = page.partition("1 картинка из подписи или цитаты")
        assert "image002.png" in folded and "image002.png" not in listed.rpartition("на экране")[2]
        assert not re.search(rf'class="attachment" href="[^"]*attachment/{picture.pk}/', page)


def test_a_logo_that_came_before_is_folded_where_no_words_close_the_mail(people: Cast, intake: int, sink: Sink) -> None:
    banner = png(600, 140)
    html = HTML.replace("width=120 height=40", "width=600 height=140").replace("С уважением,", "До свидания")
    plain = PLAIN.replace("С уважением,", "До свидания")
    small = png(121, 41)
    first = opened(
        intake, outlook(HTML.replace("С уважением,", "Пока"), PLAIN.replace("С уважением,", "Пока"), logo=small)
    )
    again = opened(
        intake,
        outlook(HTML.replace("С уважением,", "Пока"), PLAIN.replace("С уважением,", "Пока"), number=2, logo=small),
    )
    assert [row.folded for row in first.attachments.order_by("id")] == [False, False]
    assert [row.folded for row in again.attachments.order_by("id")] == [False, True]
    other = opened(intake, outlook(html, plain, number=3, logo=banner))
    assert [row.folded for row in other.attachments.order_by("id")] == [False, False]


def test_a_small_picture_among_the_words_is_one_of_them_however_often_it_came(
    people: Cast, intake: int, sink: Sink
) -> None:
    lines = [f"Строка {number} на экране." for number in range(16)]
    html = f'<p>Кнопка <img width=120 height=40 src="cid:{LOGO}"></p>' + "".join(f"<p>{line}</p>" for line in lines)
    plain = "\n\n".join([f"Кнопка [cid:{LOGO}]", *lines])
    for number in range(2):
        message = opened(intake, outlook(html, plain, number=number))
        assert not message.attachments.get(name="image002.png").folded


def test_messages_from_before_are_laid_out_from_their_html(people: Cast, intake: int, sink: Sink) -> None:
    message = opened(intake, outlook())
    Message.objects.filter(pk=message.pk).update(layout="", text=PLAIN.strip())
    Attachment.objects.filter(message=message).update(folded=False)
    for client, path in (
        (as_(people.agent), f"/browse/{message.ticket.key}"),
        (as_(people.anna), card(people).replace("ACCREDO-1", message.ticket.key)),
    ):
        page = page_of(client.get(path))
        assert "<td>Кузнецова</td>" in prose(page) and prose(page).count("<img") == 1
        assert "[cid:" not in page and "1 картинка из подписи" in page
    # An answer of that time has no HTML: its tokens are not shown, and no address is made of them.
    Message.objects.filter(pk=message.pk).update(html="")
    page = page_of(as_(people.agent).get(f"/browse/{message.ticket.key}"))
    assert "[cid:" not in page and "mailto:image001" not in page


def test_a_withdrawn_or_strange_picture_is_not_shown(people: Cast, intake: int, sink: Sink) -> None:
    message = opened(intake, outlook())
    Attachment.objects.filter(message=message, name="image001.png").update(content_type="image/svg+xml")
    page = page_of(as_(people.agent).get(f"/browse/{message.ticket.key}"))
    assert "<img" not in prose(page) and ">image001.png</a>" in prose(page)


def test_ab_70_the_name_of_a_picture_is_no_html_in_our_mails(people: Cast, intake: int, sink: Sink) -> None:
    message = opened(intake, outlook())
    Attachment.objects.filter(message=message).update(name='<b>"&.png')
    for files in ([], list(message.attachments.all())):
        plain, html = mail_content(message, files) or ("", "")
        assert '<b>"&.png' in plain and "<b>" not in html and "&lt;b&gt;&quot;&amp;.png" in html


def test_files_without_a_name_are_called_by_what_they_are(people: Cast, intake: int, sink: Sink) -> None:
    inner, outer = EmailMessage(), EmailMessage()
    inner["From"], inner["Subject"] = "boris@clinic.test", "Старая переписка"
    inner.set_content("words")
    outer["From"], outer["To"], outer["Subject"] = "anna@clinic.test", "accredo@desk.test", "x"
    outer.set_content("Здравствуйте!")
    outer.add_attachment(inner)
    outer.add_attachment(b"%PDF-1.4", "application", "pdf")
    first, second = opened(intake, outer.as_bytes()).attachments.order_by("id")
    assert first.name.startswith("Старая переписка") and second.name == "file-2.pdf"


def test_an_answer_shows_its_picture_and_not_those_it_quotes(people: Cast, intake: int, sink: Sink) -> None:
    html = f"""<p>Вот что на экране теперь:</p><p><img src="cid:{CID}" width=624 height=351></p>
        <blockquote><p>Что на экране?</p><img src="cid:{LOGO}" width=500 height=300></blockquote>"""
    plain = f"Вот что на экране теперь:\n[cid:{CID}]\n\n> Что на экране?\n> [cid:{LOGO}]\n"
    ticket = opened(intake, outlook()).ticket
    asked = next(one.message for one in sink.to("anna@clinic.test") if ticket.key in one.subject)
    fields = {"In_Reply_To": str(asked["Message-ID"])}
    post(intake, outlook(html, plain, number=2, logo=png(500, 300), **fields), to=str(asked["Reply-To"]))
    run_all()
    message = Message.objects.get(inbound=InboundMail.objects.latest("id"))
    assert message.ticket_id == ticket.pk and not message.opening
    assert [row.folded for row in message.attachments.order_by("id")] == [False, True]
    page = page_of(as_(people.agent).get(f"/browse/{ticket.key}"))
    assert prose(page.partition(f"message-{message.pk}")[2]).count("<img") == 1


def test_others_get_the_words_with_their_pictures_and_ones_own_data_tells_them(
    people: Cast, intake: int, sink: Sink
) -> None:
    comment(actor=Actor(people.agent, "agent"), at=START, ticket=people.ticket, words=Words("Что на экране?"))
    run_all()
    asked = sink.to("anna@clinic.test")[-1].message
    raw = outlook(In_Reply_To=str(asked["Message-ID"]))
    post(intake, raw, to=str(asked["Reply-To"]))
    run_all()
    told = sink.to("boris@clinic.test")[-1]
    columns = "ФИО         Дата\nКузнецова   25.11.2026"
    assert "Вот что на экране:\n\n[рисунок: image001.png]" in told.text and columns in told.text
    shown = re.findall(r'<img src="cid:([^"]+)"', told.html)
    parts = {part["Content-ID"]: part for part in told.message.walk() if part["Content-ID"]}
    assert list(parts) == [f"<{one}>" for one in shown] and len(shown) == 1
    picture = parts[f"<{shown[0]}>"]
    assert (picture.get_content(), picture.get_content_disposition()) == (png(624, 351), "inline")
    assert "<td>ФИО</td><td>Дата</td>" in told.html and not re.search(r"image00\d\.png@|script|onclick", told.html)
    assert [part.get_filename() for part in told.message.walk() if part.get_filename()] == ["image001.png"]
    digest, _size = personal_archive(people.anna, START)
    with blobs.open_blob(digest) as file, zipfile.ZipFile(file) as archive:
        data = archive.read("data.json").decode()
        assert "[рисунок: image001.png]" in data and "cid:" not in data


def test_html_that_says_no_more_than_the_text_is_laid_out_once(people: Cast, intake: int, sink: Sink) -> None:
    words = "Вот что на экране"
    message = opened(intake, outlook(f"<table><tr><td>{words}</td></tr></table>", words))
    assert message.layout == layout.NONE
    page = page_of(as_(people.agent).get(f"/browse/{message.ticket.key}"))
    assert "<p>Вот что на экране</p>" in prose(page) and "image001.png" in page
