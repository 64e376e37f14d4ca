"""A desk's own mail texts and mail settings."""

from django.db import models

from otklik.desks.models.desk import Desk


class MailText(models.Model):
    """The desk's text of one kind of mail in one language; an empty subject or body means the default.

    Kinds, placeholders and grammar are in notify.texts. The text is data and is never executed (AB-84).
    """

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="mail_texts")
    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=5)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["desk", "kind", "language"], name="mail_text_once")]

    def __str__(self) -> str:
        return f"{self.desk_id}: {self.kind} {self.language}"

    @property
    def name(self) -> str:
        """The name in the history of settings."""
        return f"{self.kind} ({self.language})"
