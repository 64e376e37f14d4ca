"""Former keys of tickets."""

from django.db import models

from otklik.tickets.models.ticket import Ticket


class TicketAlias(models.Model):
    """A former key of a ticket: of another system, another desk, or of a ticket that became part of this one.

    Written by `commands.alias` and `commands.numbers`, read by `tickets.keys` alone. `desk_key` and `number` are the
    parts of `key`: a desk of that key gives none of these numbers to a new ticket.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="aliases")
    key = models.CharField(max_length=30, unique=True)
    desk_key = models.CharField(max_length=20)
    number = models.IntegerField()
    added_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["desk_key", "number"], name="alias_number")]

    def __str__(self) -> str:
        return f"{self.key} → {self.ticket_id}"
