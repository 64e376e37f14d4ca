"""Models of desks and what belongs to one."""

from otklik.desks.models.canned_answer import CannedAnswer, CannedAnswerUse
from otklik.desks.models.desk import ApprovalRule, Channel, Desk, Membership, RequestType
from otklik.desks.models.mail import MailText
from otklik.desks.models.queue import Queue, QueueChoice
from otklik.desks.models.reply_choice import ReplyChoice
from otklik.desks.models.request_form import (
    ATTACHMENTS,
    BUILT_IN,
    DESCRIPTION,
    SUMMARY,
    Center,
    CustomField,
    Field,
    TypeGroup,
)
from otklik.desks.models.site import IssueType, Resolution
from otklik.desks.models.workflow import Priority, Status, Transition

__all__ = [
    "ATTACHMENTS",
    "BUILT_IN",
    "DESCRIPTION",
    "SUMMARY",
    "ApprovalRule",
    "CannedAnswer",
    "CannedAnswerUse",
    "Center",
    "Channel",
    "CustomField",
    "Desk",
    "Field",
    "IssueType",
    "MailText",
    "Membership",
    "Priority",
    "Queue",
    "QueueChoice",
    "ReplyChoice",
    "RequestType",
    "Resolution",
    "Status",
    "Transition",
    "TypeGroup",
]
