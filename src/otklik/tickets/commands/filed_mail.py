"""Record that a program answered a mail about a ticket: agents are told, the ticket stays as it is."""

from datetime import datetime

from otklik.mail.models import InboundMail
from otklik.people.actor import system
from otklik.tickets.commands.base import tell
from otklik.tickets.events import MailFiled
from otklik.tickets.models import Ticket


def tell_filed(*, ticket: Ticket, mail: InboundMail, why: str, excerpt: str, at: datetime) -> None:
    """Record in the ticket's internal history that a mail from a program was filed there, and why.

    `why`: a stored reason (mail.reasons). Changes no status and no time, and mails nobody.
    """
    who = mail.from_name or mail.from_address
    tell(ticket, MailFiled(mail=mail.pk, name=who[:300], why=why[:300], words=excerpt), system("mail"), at)
