"""Approval links that arrive in pieces: no page shows their signature (AB-29)."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from html import unescape

import pytest
from django.utils import timezone

from otklik.people.actor import Actor
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.models import Attachment, Message
from tests.cast import Cast
from tests.intake.test_leaked_links import link_in
from tests.intake.test_poison import store
from tests.portal.helpers import as_
from tests.postoffice import Sink, run_all


def _mail(text: str = "Здравствуйте", html: str = "", **fields: str) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"] = fields.get("sender", "Анна <anna@clinic.test>"), "accredo@desk.test"
    made["Subject"] = fields.get("subject", "Согласование")
    made["Message-ID"] = f"<{timezone.now().timestamp()}@clinic.test>"
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made


def _file(name: str, content: bytes = b"x", kind: str = "octet-stream") -> EmailMessage:
    made = _mail()
    made.add_attachment(content, maintype="application", subtype=kind, filename=name)
    return made


def _picture(alt: str, name: str) -> EmailMessage:
    made = _mail(html=f'<p>Вот <img alt="{alt}" src="cid:a@b" title="{alt}"></p>')
    made.add_attachment(b"\x89PNG\r\n\x1a\n" + b"x" * 99, maintype="image", subtype="png", filename=name, cid="<a@b>")
    return made


PIECES: dict[str, Callable[[str, str, str], EmailMessage]] = {
    "quoted below": lambda head, number, sign: _mail(f"Смотрите:\n{head}{number}:\n\n> {sign}\n> Согласовать\n"),
    "below an answer": lambda head, number, sign: _mail(
        f"{head}{number}:\n\n02.11.2026 12:00, Стол пишет:\n> {sign}\n> Согласовать\n"
    ),
    "behind a signature": lambda head, number, sign: _mail(f"{head}{number}:\n-- \n{sign}\n"),
    "two parts": lambda head, number, sign: _mail(f"{head}{number}:", f"<p>Вот тут ключ: <b>{sign}</b></p>"),
    "cells": lambda head, number, sign: _mail("-", f"<table><tr><td>{head}{number}:</td><td>{sign}</td></tr></table>"),
    "lines of a cell": lambda head, number, sign: _mail(
        "-", f"<table><tr><td>{head}<br>{number}:<br>{sign}</td><td>b</td></tr></table>"
    ),
    "a list": lambda head, number, sign: _mail("-", f"<ul><li>{head}<li>{number}<li>{sign}</ul>"),
    "subject and text": lambda head, number, sign: _mail(sign, subject=f"{head}{number}:"),
    "text and subject": lambda head, number, sign: _mail(f"{head}{number}:", subject=sign),
    "name of the sender": lambda head, number, sign: _mail(f"{head}{number}", sender=f'"{sign}" <anna@clinic.test>'),
    "signature alone": lambda head, number, sign: _mail(f"Код {sign}"),
    "halves": lambda head, number, sign: _mail(f"{number}:{sign[:20]} и {sign[20:]}"),
    "file": lambda head, number, sign: _file(f"{number}_{sign}"),
    "file of a link": lambda head, number, sign: _file(f"{head}{number}:{sign}"),
    "file of a signature": lambda head, number, sign: _file(f"{sign}.pdf"),
    "file of a copy": lambda head, number, sign: _file(f"{number}_{sign}_copy (1).pdf"),
    "file behind much": lambda head, number, sign: _file("а" * 120 + f" {number}_{sign}.pdf"),
    "picture": lambda head, number, sign: _picture(sign, f"{number}-{sign}.png"),
    "picture's address": lambda head, number, sign: _mail(
        html=f'<img src="{head}{number}:{sign}" alt="{number} {sign}">'
    ),
    "words of a link": lambda head, number, sign: _mail("-", f'<a href="https://x.test/{number}/{sign}">ключ</a>'),
    "style": lambda head, number, sign: _mail(
        "-", f'<p class="{sign}" style="background:url({head}{number}:{sign})">да</p>'
    ),
    "preheader": lambda head, number, sign: _mail("-", f'<div style="display:none">{sign}</div><p>Видно</p>'),
}  # fmt: skip


@pytest.mark.parametrize("pieces", PIECES)
def test_ab_29_no_page_shows_an_approval_signature_that_came_in_pieces(people: Cast, sink: Sink, pieces: str) -> None:
    asked = [people.stranger]
    ask_approval(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, people=asked, rule="one")
    run_all()
    path = link_in(sink.to("stranger@elsewhere.test")[-1], "servicedesk/customer/approval/")
    head, _slash, secret = path.rpartition("/")
    number, _colon, signature = secret.partition(":")
    store(PIECES[pieces](f"https://desk.test{head}/", number, signature).as_bytes())
    run_all()
    message = Message.objects.latest("id")
    key, agent = message.ticket.key, as_(people.agent)
    pages = [
        f"/browse/{key}",
        f"/projects/ACCREDO/mail/{message.inbound_id}",
        f"/projects/ACCREDO/mail/{message.inbound_id}.eml",
    ]
    pages += [
        f"/projects/ACCREDO/mail/{message.inbound_id}/parts",
        "/projects/ACCREDO/mail",
        f"/browse/{key}/messages/{message.pk}/mail",
    ]
    pages += [f"/secure/attachment/{file.pk}/{file.name}" for file in Attachment.objects.filter(message=message)]
    for page in pages:
        shown = agent.get(page).getvalue().decode("utf-8", "replace")
        bare = re.sub(r"<[^>]*>|\s", "", unescape(shown))
        assert signature not in shown and signature not in bare, page
    held = [message.text, message.html or "", message.quoted, message.layout, message.besides, message.ticket.subject]
    assert not any(signature in one for one in held)
