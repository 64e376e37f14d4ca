"""Sample mails in the demo's intake, as real mail programs and servers write them.

They go the way of every mail, so that the ledger shows requests, a stranger's reply that waits, an automatic reply,
a newsletter of a blocked sender and a mail of ours that came back.
"""

from email.header import Header
from email.mime.text import MIMEText

from django.utils import timezone

from otklik.demo.clinic_cases import GONE, PEOPLE
from otklik.demo.clinic_desk import ADDRESS, KEY
from otklik.desks.models import Desk
from otklik.mail.inbox import accept
from otklik.mail.models import Mailbox, OutboundMail
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from otklik.worker.dispatch import dispatch_next


def add_mails(agent: Person) -> None:
    """Put the mails into the intake, for the worker to process. Must not run in a transaction."""
    answered = _answered(agent)
    for sender, raw in (*_letters(answered), ("", _returned(answered))):
        _put(sender, raw)


def _put(sender: str, raw: bytes) -> None:
    accept(
        raw=raw,
        mailbox=Mailbox.objects.get(address=ADDRESS),
        transport="smtp",
        envelope_from=sender,
        envelope_to=ADDRESS,
        at=timezone.now(),
    )


def _letters(answered: OutboundMail) -> list[tuple[str, bytes]]:
    return [
        _plain(
            "Тамара Лебедева",
            "lebedeva@dental.example",
            "Пропал ярлык программы на рабочем столе",
            "Здравствуйте!\n\nСегодня утром пропал ярлык «Регистратура». Программа, наверное, цела, но как её найти?"
            "\n\nТамара Лебедева, старший регистратор",
        ),
        _plain(
            "Сергей Захаров",
            "s.zaharov@home.example",
            f"Re: {answered.subject}",
            "Пишу с домашнего адреса: рабочий ящик отключили при переезде. Присылайте отчёт сюда, пожалуйста.",
            {"In-Reply-To": answered.message_id},
        ),
        _plain(
            "Елена Орлова",
            "orlova@clinic.example",
            "Автоответ: я в отпуске",
            "Меня не будет до 30 ноября. По срочным вопросам обращайтесь к старшей сестре.",
            {"Auto-Submitted": "auto-replied"},
        ),
        _plain(
            "Медоборудование оптом",
            "sale@reklama.example",
            "Скидки до 40 % на картриджи!",
            "Только на этой неделе: картриджи и бумага со склада в Москве.",
        ),
    ]


def _plain(name: str, address: str, subject: str, text: str, more: dict[str, str] | None = None) -> tuple[str, bytes]:
    """Build a mail as an old mail program does: windows-1251, 8bit."""
    body = MIMEText(text, "plain", "windows-1251")
    body["From"] = f"{Header(name, 'windows-1251').encode()} <{address}>"
    body["To"] = ADDRESS
    body["Subject"] = Header(subject, "windows-1251").encode()
    body["Message-ID"] = f"<demo.1@{address.partition('@')[2]}>"
    for field, value in (more or {}).items():
        body[field] = value
    return address, body.as_bytes()


def _returned(mail: OutboundMail) -> bytes:
    """Build the bounce of our mail to an unknown address."""
    name = PEOPLE[GONE][1]
    return _REPORT.format(address=mail.recipient, name=name, desk=ADDRESS, message_id=mail.message_id).encode()


def _answered(agent: Person) -> OutboundMail:
    """Return our mail to somebody whose address does not exist any more."""
    requester = Person.objects.get(email=PEOPLE[GONE][0])
    ticket = open_ticket(
        actor=Actor(requester, "demo"),
        at=timezone.now(),
        desk=Desk.objects.get(key=KEY),
        channel=Ticket.Channel.MAIL,
        subject="Не приходят отчёты по почте",
        words=Words("Здравствуйте! С понедельника не получаю ежедневный отчёт."),
        requester=requester,
    )
    words = Words("Сергей, похоже, ваш почтовый ящик отключён. Проверьте, пожалуйста, адрес.")
    comment(actor=Actor(agent, "demo"), at=timezone.now(), ticket=ticket, words=words)
    while dispatch_next():
        pass
    return OutboundMail.objects.filter(ticket_id=ticket.pk, recipient=requester.email).latest("id")


_REPORT = """From: Mail Delivery System <MAILER-DAEMON@hospital-12.example>
To: {desk}
Subject: Undelivered Mail Returned to Sender
Message-ID: <demo.returned@hospital-12.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="demo-report"

--demo-report
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Письмо для {name} не доставлено: такого адреса нет.

--demo-report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.hospital-12.example

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--demo-report
Content-Type: text/rfc822-headers

Message-ID: {message_id}
To: {address}

--demo-report--
"""
