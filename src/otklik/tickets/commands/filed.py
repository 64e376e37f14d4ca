"""Record that a program answered a mail about a ticket: agents are told, the ticket stays as it is."""

from datetime import datetime

from otklik.mail.models import InboundMail
from otklik.people.actor import system
from otklik.tickets.commands.base import tell
from otklik.tickets.events import MailFiled
from otklik.tickets.models import Ticket


def tell_filed(*, ticket: Ticket, mail: InboundMail, why: str, excerpt: str, at: datetime) -> None:
    """Tell in the ticket's history, which customers never see, that this mail was filed there, and why.

    `why` is a stored reason (mail.reasons). Nothing else changes: no status, no time, no mail to anybody.
    """
    who = mail.from_name or mail.from_address
    tell(ticket, MailFiled(mail=mail.pk, name=who[:300], why=why[:300], words=excerpt), system("mail"), at)
