"""Field-level change history of tickets."""

from django.db import models

from otklik.journal.models import Event
from otklik.people.models import Person
from otklik.tickets.models.ticket import Ticket


class Change(models.Model):
    """One field of a ticket took another value. Written by `tickets.commands.base.tell`, never changed afterwards but
    by erasure and merging of people; what a ticket was opened with is no change.

    `old` and `new` are the values in words, as they read then, in the desk's language; "" for none. Ids tell what the
    words meant: `old_id`, `new_id` for rows of the desk or the site, `old_person`, `new_person` for people. Text has no
    ids: a day is written as 2026-12-31, labels with blanks between.
    An answer to the form is a field of its own: `answer:` and the key of the form's field. So is a link: `link:`, its
    kind, `:out` or `:in`; its value is the key of the other ticket, its id that ticket's.
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
    # Null: the journal was cut.
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
