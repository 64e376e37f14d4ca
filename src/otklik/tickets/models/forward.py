"""Messages forwarded to somebody who is not on the ticket."""

from django.db import models

from otklik.tickets.models.message import Message


class Forward(models.Model):
    """One message sent to one address outside.

    `message` is the note in which the staff see it: the agent's own words, what was sent on (`quoted`) and its files.
    `source` is the message that was sent on, as long as it is on the ticket; `author` and `written_at` say whose it was
    and from when, wherever it went. Who has the mail can answer it, and does nothing else by that (`ForwardAnswer`).
    """

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="forward")
    source = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="forwards")
    address = models.CharField(max_length=320)
    author = models.CharField(max_length=300, blank=True, default="", db_default="")
    written_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.message_id} to {self.address}"


class ForwardAnswer(models.Model):
    """A note that came as an answer to what was forwarded."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="answers_forward")
    forward = models.ForeignKey(Forward, on_delete=models.CASCADE, related_name="answers")

    def __str__(self) -> str:
        return f"{self.message_id} answers {self.forward_id}"
