"""Former keys of tickets."""

from django.db import models

from otklik.tickets.models.ticket import Ticket


class TicketAlias(models.Model):
    """A former key of a ticket: of another system, of another desk, or of a ticket merged into this one.

    Written by `commands.former_keys` and `commands.ticket_numbers`, read by `tickets.keys`. `desk_key` and `number` are
    the parts of `key`: a desk with that key never gives the number to a new ticket.
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
