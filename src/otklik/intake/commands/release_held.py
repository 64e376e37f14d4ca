"""Release mails that waited for their sender's address to be confirmed."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import translation

from otklik.core.errors import UnableTo
from otklik.core.locks import lock_first
from otklik.core.transient_errors import is_transient
from otklik.desks.models import Channel
from otklik.intake import ticket_matching
from otklik.intake.commands.base import understood
from otklik.intake.decide import Act, decide
from otklik.intake.sender import identify
from otklik.mail.models import InboundMail
from otklik.people.models import Person
from otklik.tickets.commands.comment import admit_own
from otklik.tickets.models import Message

log = logging.getLogger("otklik.intake")

# The person waits for the page meanwhile; agents admit the rest.
MOST = 20
_HELD = {"state": InboundMail.State.HELD, "fate": InboundMail.Fate.HELD_COMMENT}


def release_held_mails(*, at: datetime, person: Person, address: str) -> int:
    """Admit mails held only because this canonical address was not known to be the person's.

    Each mail is judged anew like a new one, so a forged From stays held. Failures are left for an agent. Returns the
    number admitted.
    """
    waiting = InboundMail.objects.filter(from_address=address, **_HELD).order_by("id").values_list("pk", flat=True)
    return sum(_released(pk, person, at) for pk in waiting[:MOST])


def _released(pk: int, person: Person, at: datetime) -> bool:
    try:
        with transaction.atomic():
            return _release_if_accepted(pk, person, at)
    except UnableTo:
        return False
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("mail %s could not be judged anew; it waits for an agent", pk)
        return False


def _release_if_accepted(pk: int, person: Person, at: datetime) -> bool:
    mail = lock_first(InboundMail.objects.filter(pk=pk, **_HELD))
    message = Message.objects.filter(inbound=mail, held=True).first() if mail is not None else None
    channel = Channel.objects.select_related("desk").filter(mailbox=mail.mailbox_id).first() if mail else None
    if mail is None or message is None or channel is None:
        return False
    parsed = understood(mail)
    clue = ticket_matching.find(parsed, mail, channel.desk)
    writer = identify(parsed, clue, mail)
    with translation.override(channel.desk.language):
        decision = decide(clue, writer, at)
        ticket = decision.ticket
        if (
            decision.act is not Act.COMMENT
            or writer.person != person
            or ticket is None
            or ticket.pk != message.ticket_id
        ):
            return False
        admit_own(at=at, message=message, person=person)
    return True
