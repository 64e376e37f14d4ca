"""Replies scheduled or held for some seconds before they are sent."""

from django.db import models

from otklik.core.retry_queue import Retried
from otklik.desks.models import Transition
from otklik.people.models import Person
from otklik.tickets.models.message import Message
from otklik.tickets.models.ticket import Ticket


class PendingReply(Retried):
    """An agent's public reply that was not posted yet: it can be undone for some seconds, or is scheduled.

    Not a message: no page, mail or search for customers reads this table. When due it becomes a message, with the
    transition it was written with, and its text is removed from this row.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        STOPPED = "stopped"  # it was due but could not be posted: see `why`
        DRAFT = "draft"  # undone; the text is kept for its author
        SENT = "sent"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="pending_replies")
    author = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="pending_replies")
    text = models.TextField(blank=True)
    markup = models.CharField(max_length=10, choices=Message.Markup.choices, default=Message.Markup.PLAIN)
    # Name, type, size and digest of files whose bytes are in core.blobs.
    files = models.JSONField(default=list)
    # Ids of people to leave out, and addresses to add (tickets.content.Recipients).
    left_out = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    added = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    transition = models.ForeignKey(Transition, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # Whether an agent chose the time; otherwise `due_at` ends the time for undoing.
    scheduled = models.BooleanField(default=False)
    # Stop it if a customer writes first.
    unless_answered = models.BooleanField(default=False)
    why = models.CharField(max_length=300, blank=True)
    written_at = models.DateTimeField()
    due_at = models.DateTimeField()
    # Deleted with its message: a posted reply has no text of its own.
    message = models.OneToOneField(Message, on_delete=models.CASCADE, null=True, related_name="pending_reply")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="sent", text="") & ~models.Q(message=None)
                | ~models.Q(state="sent") & models.Q(message=None),
                name="sent_reply_is_a_message",
            )
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(state="waiting"), name="pending_due"),
            models.Index(fields=["ticket"], condition=~models.Q(state="sent"), name="pending_of_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state} on {self.ticket_id}"
