"""Tickets and what belongs to one."""

from otklik.tickets.models.message import Attachment, Message
from otklik.tickets.models.ticket import NumberSequence, Participant, Ticket

__all__ = ["Attachment", "Message", "NumberSequence", "Participant", "Ticket"]
