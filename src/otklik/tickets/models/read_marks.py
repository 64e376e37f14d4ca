"""Read marks: when a person last looked at a ticket."""

from django.db import models

from otklik.people.models import Person
from otklik.tickets.models.ticket import Ticket


class Seen(models.Model):
    """When a person last opened a ticket; later messages count as new to them.

    `present_until`: until when an agent's open page of it counts as looked at (see tickets.presence).
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="seen_tickets")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="seen_by")
    at = models.DateTimeField()
    present_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "ticket"], name="seen_once")]
        # For what a person opened last.
        indexes = [models.Index("person", models.F("at").desc(), name="seen_latest")]

    def __str__(self) -> str:
        return f"{self.person_id} saw {self.ticket_id}"


class SeenUntil(models.Model):
    """When a person marked all tickets as read; older messages are not new to them."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="seen_until")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id} saw everything"
