"""The post office's rows."""

from otklik.mail.models.inbound import InboundMail
from otklik.mail.models.mailbox import Mailbox
from otklik.mail.models.outbound import OutboundFile, OutboundMail

__all__ = ["InboundMail", "Mailbox", "OutboundFile", "OutboundMail"]
