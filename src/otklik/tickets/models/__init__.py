"""Tickets and what belongs to one."""

from otklik.tickets.models.alias import TicketAlias
from otklik.tickets.models.approval import Approval, Vote
from otklik.tickets.models.bulk import BulkItem, BulkRun
from otklik.tickets.models.change import Change
from otklik.tickets.models.draft import Draft, Unconfirmed
from otklik.tickets.models.forward import Forward, ForwardAnswer
from otklik.tickets.models.link import TicketLink
from otklik.tickets.models.list_export import ListExport
from otklik.tickets.models.message import Attachment, Message, MessageRevision
from otklik.tickets.models.pending import PendingReply
from otklik.tickets.models.rating import Rating
from otklik.tickets.models.read_marks import Seen, SeenUntil
from otklik.tickets.models.ticket import (
    LABEL_LENGTH,
    SUBJECT_LENGTH,
    NumberSequence,
    Participant,
    SharedOrganization,
    Ticket,
)

__all__ = [
    "LABEL_LENGTH",
    "SUBJECT_LENGTH",
    "Approval",
    "Attachment",
    "BulkItem",
    "BulkRun",
    "Change",
    "Draft",
    "Forward",
    "ForwardAnswer",
    "ListExport",
    "Message",
    "MessageRevision",
    "NumberSequence",
    "Participant",
    "PendingReply",
    "Rating",
    "Seen",
    "SeenUntil",
    "SharedOrganization",
    "Ticket",
    "TicketAlias",
    "TicketLink",
    "Unconfirmed",
    "Vote",
]
