"""Messages forwarded to somebody who is not on the ticket."""

from django.db import models

from otklik.tickets.models.message import Message


class Forward(models.Model):
    """A message forwarded to one external address.

    `message`: the note that shows it to the staff: the agent's text, the forwarded text (`quoted`) and its files.
    `source`: the forwarded message, while it is on the ticket; `author` and `written_at` are copied from it. The
    recipient can answer (`ForwardAnswer`) and gets no other access.
    """

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="forward")
    source = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="forwards")
    address = models.CharField(max_length=320)
    author = models.CharField(max_length=300, blank=True, default="", db_default="")
    written_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.message_id} to {self.address}"


class ForwardAnswer(models.Model):
    """A note that is the answer to a forwarded message."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="answers_forward")
    forward = models.ForeignKey(Forward, on_delete=models.CASCADE, related_name="answers")

    def __str__(self) -> str:
        return f"{self.message_id} answers {self.forward_id}"
