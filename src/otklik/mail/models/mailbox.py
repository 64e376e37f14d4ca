"""Mailboxes: the addresses for which mail is accepted."""

from django.db import models


class Mailbox(models.Model):
    """One address of ours. Whose desk it is stands in desks.Channel: the post office knows no desk."""

    address = models.CharField(max_length=320, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.address
