"""Mailboxes: the addresses for which mail is accepted."""

from django.db import models


class Mailbox(models.Model):
    """One of our addresses. Its desk is in desks.Channel, since this package does not know desks."""

    address = models.CharField(max_length=320, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.address
