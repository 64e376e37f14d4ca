"""The post office's rows."""

from otklik.mail.models.imap import ImapAccount
from otklik.mail.models.inbound import InboundMail
from otklik.mail.models.mailbox import Mailbox
from otklik.mail.models.outbound import OutboundFile, OutboundMail
from otklik.mail.models.sender_rule import SenderRule

__all__ = ["ImapAccount", "InboundMail", "Mailbox", "OutboundFile", "OutboundMail", "SenderRule"]
