"""Replies scheduled or held for some seconds before they are sent."""

from django.db import models

from otklik.core.retry_queue import Retried
from otklik.desks.models import Transition
from otklik.people.models import Person
from otklik.tickets.models.message import Message
from otklik.tickets.models.ticket import Ticket


class PendingReply(Retried):
    """A public reply of an agent that waits: some seconds in which it can be undone, or for the time it is meant for.

    It is no message: no page, mail or search of customers knows this table. When its time comes it becomes a message
    like any other, with the step of the ticket it was written with. Its words then leave this row.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        STOPPED = "stopped"  # its time came, and it did not go: `why` says the reason
        DRAFT = "draft"  # taken back; the words wait for their author
        SENT = "sent"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="pending_replies")
    author = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="pending_replies")
    text = models.TextField(blank=True)
    markup = models.CharField(max_length=10, choices=Message.Markup.choices, default=Message.Markup.PLAIN)
    # Name, type, size and digest of files whose bytes are in core.blobs.
    files = models.JSONField(default=list)
    transition = models.ForeignKey(Transition, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # An agent chose the time; else it is the time for undoing.
    scheduled = models.BooleanField(default=False)
    # Does not go when a customer writes first.
    unless_answered = models.BooleanField(default=False)
    why = models.CharField(max_length=300, blank=True)
    written_at = models.DateTimeField()
    due_at = models.DateTimeField()
    # Goes with its message: a reply that went has no words of its own any more.
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
