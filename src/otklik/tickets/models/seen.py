"""Read marks: when a person last looked at a ticket."""

from django.db import models

from otklik.people.models import Person
from otklik.tickets.models.ticket import Ticket


class Seen(models.Model):
    """A person last opened the ticket at this time; later messages are new to them."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="seen_tickets")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="seen_by")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "ticket"], name="seen_once")]

    def __str__(self) -> str:
        return f"{self.person_id} saw {self.ticket_id}"


class SeenUntil(models.Model):
    """A person marked all tickets as read at this time: nothing older is new to them, in any ticket."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="seen_until")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id} saw everything"
