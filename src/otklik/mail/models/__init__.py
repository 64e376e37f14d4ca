"""Models of the mail queues: received and outgoing mail, mailboxes, IMAP accounts."""

from otklik.mail.models.dkim import DkimKey
from otklik.mail.models.imap import ImapAccount
from otklik.mail.models.inbound import InboundMail
from otklik.mail.models.mail_import import MailImport
from otklik.mail.models.mailbox import Mailbox
from otklik.mail.models.outbound import DeliveryAttempt, LatePace, OutboundFile, OutboundMail
from otklik.mail.models.sender_rule import SenderRule
from otklik.mail.models.trouble import AddressTrouble

__all__ = [
    "AddressTrouble",
    "DeliveryAttempt",
    "DkimKey",
    "ImapAccount",
    "InboundMail",
    "LatePace",
    "MailImport",
    "Mailbox",
    "OutboundFile",
    "OutboundMail",
    "SenderRule",
]
