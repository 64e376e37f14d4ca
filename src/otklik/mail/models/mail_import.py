"""Imports of old mail from a folder."""

from django.db import models

from otklik.mail.models.mailbox import Mailbox


class MailImport(models.Model):
    """An import of old mail (`otklik mailbox add … --since`), so that it can be rolled back."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="imports")
    source = models.CharField(max_length=1000)
    started_at = models.DateTimeField()
    rolled_back_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.source}"
