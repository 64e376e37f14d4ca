"""A crawl of every page and download as every reader, for secrets mailed to somebody else (AB-29, rule R2).

The desk has received: the activation mail with an answer below it, the password mail as a bounce, answers of the
approver and a colleague with quotations, the closing mail forwarded through a redirector.
"""

import base64
import json
import re
from email.message import EmailMessage
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from otklik.cli.ticket import shown
from otklik.core import blobs
from otklik.mail.models import InboundMail, OutboundMail
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.portal.views import forgot_password
from otklik.privacy.archive import personal_archive
from otklik.tickets.commands.approve import ask_approval, withdraw_approval
from otklik.tickets.commands.comment import admit_message, comment
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Approval, Attachment, Message, Ticket
from tests.cast import Cast
from tests.intake.test_poison import store
from tests.portal.helpers import as_
from tests.postoffice import Sink, Taken, answer_to, letter, run_all
from tests.secrets_seen import readings, secrets_of
from tests.test_matrix import REACHED, TABLE, filled, make_places

LISTS = (
    "/servicedesk/customer/user/requests?status=all&reporter=all&filter={word}",
    "/servicedesk/customer/user/requests/export.csv?status=all&reporter=all",
    "/servicedesk/customer/user/requests/export.xlsx?status=all&reporter=all",
    "/projects/go?q={word}",
    "/projects/ACCREDO/mail?text={word}",
    "/projects/ACCREDO/outbox?find={word}",
)


def _bounce(mail: Taken, to: str) -> bytes:
    report = EmailMessage()
    report["From"], report["To"], report["Subject"] = "MAILER-DAEMON@clinic.test", to, "Undelivered Mail"
    report["Message-ID"] = f"<{timezone.now().timestamp()}@clinic.test>"
    report.set_content("The mailbox is full.")
    report.add_attachment(mail.message)
    return report.as_bytes()


def _forwarded(mail: Taken) -> bytes:
    """Return the mail as a newcomer's program forwards it: HTML through a redirector, text wrapped, the mail as a
    file."""
    wrapped = re.sub(
        r'href="([^"]+)"',
        lambda found: f'href="https://safe.test/?url={quote(found[1], safe="")}&d=1"',
        mail.html,
    )
    packed = re.sub(r"https?://\S+", lambda found: base64.b64encode(found[0].encode()).decode(), mail.text)
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "anna@clinic.test", "accredo@desk.test", "Fwd: закрыто"
    made["Message-ID"] = "<forwarded@clinic.test>"
    made.set_content("\n".join(f"> {line[at : at + 60]}" for line in mail.text.splitlines() for at in (0, 60, 120)))
    made.add_alternative(wrapped, subtype="html", cte="base64")
    made.add_attachment(mail.text, filename="текст.txt")
    made.add_attachment(mail.raw, maintype="application", subtype="octet-stream", filename="mail.eml")
    made.add_attachment(f"https://sophos.test?u={packed}", filename="packed.txt")
    return made.as_bytes()


def _newcomer(sink: Sink) -> None:
    store(letter(sender="Нина <nina@clinic.test>", text="Помогите"))
    run_all()
    mail = next(one for one in sink.to("nina@clinic.test") if "ActivateAccount" in one.text)
    store(answer_to(mail, "Что это?", sender="nina@clinic.test", to="accredo@desk.test"))
    run_all()


def _reset(people: Cast, sink: Sink) -> None:
    for person in (people.lead, people.boris):
        Client().post("/secure/ForgotLoginDetails.jspa", {"email": person.email})
        run_all()
        store(_bounce(sink.to(person.email or "")[-1], "accredo@desk.test"))
    run_all()


def _approval(people: Cast, sink: Sink) -> None:
    for person in (people.stranger, people.boris):
        for former in Approval.objects.filter(ticket=people.ticket, state="pending"):
            withdraw_approval(actor=Actor(people.agent, "agent"), at=timezone.now(), approval=former)
        ask_approval(
            actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, people=[person], rule="one"
        )
        run_all()
        mail = sink.to(person.email or "")[-1]
        store(answer_to(mail, f"А зачем? {mail.message['Subject']}", sender=person.email or "", to="accredo@desk.test"))
        run_all()


def _closing(people: Cast, sink: Sink) -> None:
    agent = Actor(people.agent, "agent")
    comment(actor=agent, at=timezone.now(), ticket=people.ticket, words=Words("Сделали"))
    run_all()
    for person in (people.boris, people.anna):
        mail = sink.to(person.email or "")[-1]
        quoted = f"{mail.message['Reply-To']} пишет: {mail.message['List-Unsubscribe'] or ''}"
        store(answer_to(mail, f"Спасибо!\n{quoted}", sender=person.email or ""), to=str(mail.message["Reply-To"]))
    run_all()
    ticket = Ticket.objects.get(pk=people.ticket.pk)
    if not ticket.status.is_done:
        change_status(
            actor=agent, at=timezone.now(), ticket=ticket, transition=people.desk.transitions.get(name="Закрыть")
        )
    run_all()
    mail = next(one for one in reversed(sink.to("anna@clinic.test")) if "/rating/" in one.text)
    store(_forwarded(mail))
    comment(actor=Actor(people.anna, "portal"), at=timezone.now(), ticket=ticket, words=Words(mail.text))
    run_all()


def _paths(base: dict[str, str]) -> list[str]:
    """Return every address of the product, filled with every object in the database."""
    kinds: list[dict[str, str]] = [{}]
    kinds += [{"int:inbound_id": str(pk)} for pk in InboundMail.objects.values_list("pk", flat=True)]
    kinds += [{"int:mail_id": str(pk)} for pk in OutboundMail.objects.values_list("pk", flat=True)]
    for message in Message.objects.select_related("ticket").prefetch_related("attachments"):
        key = message.ticket.key
        here = {"request_key:key": key, "ticket_key:key": key, "str:key": key, "int:message_id": str(message.pk)}
        kinds.append({**here, "int:inbound_id": str(message.inbound_id or 1)})
    kinds += [{"int:attachment_id": str(pk)} for pk in Attachment.objects.values_list("pk", flat=True)]
    addresses = [route for route, (get, _post) in TABLE.items() if set(get) & {*REACHED, "!"}]
    return sorted({filled(address, {**base, **kind}) for address in addresses for kind in kinds})


def _roles(people: Cast) -> list[tuple[str, Client]]:
    customers: list[Person] = [people.anna, people.boris, people.stranger]
    persons = [*customers, people.agent, people.agent_elsewhere, people.lead, people.admin]
    return [("", Client()), *((person.email or "", as_(person)) for person in persons)]


@pytest.fixture
def owners(people: Cast, sink: Sink, places: dict[str, str]) -> dict[str, str]:
    """Create mails of every kind; return the secrets in them with their recipients."""
    _newcomer(sink)
    _reset(people, sink)
    _approval(people, sink)
    _closing(people, sink)
    for held in Message.objects.filter(held=True, ticket=people.ticket).exclude(inbound=None):
        admit_message(actor=Actor(people.agent, "agent"), at=timezone.now(), message=held)
    run_all()
    found = secrets_of(sink)
    assert len(found) > 15 and len(set(found.values())) > 4, found
    return found


@pytest.fixture
def places(people: Cast, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return default values of the <placeholders> in addresses."""
    cache.clear()
    monkeypatch.setattr(forgot_password, "SECONDS", 0.0)
    return make_places(people)


@pytest.mark.slow
def test_ab_29_no_page_and_no_download_shows_anybody_somebody_elses_secret(
    people: Cast, owners: dict[str, str], places: dict[str, str]
) -> None:
    paths = [path for path in _paths(places) if "logout" not in path]
    paths += [one.format(word=quote(secret[:9])) for one in LISTS for secret in list(owners)[::9]]
    seen, opened = [], 0
    for address, client in _roles(people):
        for path in paths:
            response = client.get(path)
            if response.status_code == 200:
                opened += 1
                seen += _leaks(owners, address, path, response.getvalue())
    assert opened > 400
    assert seen == []


def test_ab_29_nor_do_archives_scripts_and_mails_to_others(people: Cast, owners: dict[str, str], sink: Sink) -> None:
    seen = []
    for person in (people.anna, people.boris, people.lead):
        digest, _size = personal_archive(person, timezone.now())
        with blobs.open_blob(digest) as file:
            seen += _leaks(owners, person.email or "", "archive", file.read())
    for ticket in Ticket.objects.all():
        seen += _leaks(owners, "", f"otklik ticket show {ticket.key}", json.dumps(shown(ticket), default=str).encode())
    for mail in sink.taken:
        seen += _leaks(owners, mail.recipients[0], f"mail to {mail.recipients[0]}", mail.raw)
    assert seen == []


def test_ab_29_no_search_finds_a_request_by_a_secret(people: Cast, owners: dict[str, str]) -> None:
    for secret in owners:
        for piece in (secret, secret[-12:], secret.rpartition(":")[2][:8]):
            for client in (as_(people.agent), as_(people.anna)):
                # A minus before a word asks for all that does not have it.
                page = client.get("/projects/go", {"q": piece.lstrip("-")}).content.decode()
                assert "/browse/" not in page.partition("<main")[2], (secret, piece)


def _leaks(owners: dict[str, str], reader: str, path: str, data: bytes) -> list[tuple[str, str, str]]:
    texts = list(readings(data))
    return [
        (reader, path, secret)
        for secret, owner in owners.items()
        if owner != reader and any(secret in text for text in texts)
    ]
