"""Field-level change history of tickets."""

from django.db import models

from otklik.journal.models import Event
from otklik.people.models import Person
from otklik.tickets.models.ticket import Ticket


class Change(models.Model):
    """A change of one field of a ticket; the values at opening are no change.

    Written by `tickets.commands.base.tell` and immutable, except by erasure and by merging people. `old` and `new` are
    the values as text at that time, in the desk's language; "" for none. Ids identify them: `old_id`, `new_id` rows of
    the desk or the site, `old_person`, `new_person` people. Text has no ids: dates are written as 2026-12-31, labels
    separated by spaces. An answer to the form is a field named `answer:` plus the form field's key. A link is a field
    named `link:<kind>:out` or `link:<kind>:in`; its value is the key of the other ticket, its id that ticket's.
    """

    class Field(models.TextChoices):
        DESK = "desk"
        STATUS = "status"
        PRIORITY = "priority"
        REQUEST_TYPE = "request_type"
        ASSIGNEE = "assignee"
        REQUESTER = "requester"
        SUBJECT = "subject"
        DUE = "due"
        RESOLUTION = "resolution"
        LABELS = "labels"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="changes")
    # Null: the event was deleted when the journal was truncated.
    event = models.ForeignKey(Event, on_delete=models.SET_NULL, null=True, related_name="changes")
    field = models.CharField(max_length=60)
    old_id = models.BigIntegerField(null=True)
    new_id = models.BigIntegerField(null=True)
    old_person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    new_person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    old = models.TextField(default="")
    new = models.TextField(default="")
    at = models.DateTimeField()
    actor = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["ticket", "field", "id"], name="change_of_ticket")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.field}: {self.old} → {self.new}"
