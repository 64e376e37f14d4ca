"""Desks and what belongs to one."""

from otklik.desks.models.desk import ApprovalRule, Channel, Desk, Membership, RequestType
from otklik.desks.models.mail import MailText
from otklik.desks.models.queue import Queue
from otklik.desks.models.workflow import Priority, Status, Transition

__all__ = [
    "ApprovalRule",
    "Channel",
    "Desk",
    "MailText",
    "Membership",
    "Priority",
    "Queue",
    "RequestType",
    "Status",
    "Transition",
]
