"""What somebody began to write and has not sent."""

from django.db import models

from otklik.desks.models import RequestType
from otklik.people.models import Person


class Draft(models.Model):
    """The words and files of a form not sent yet: one for each person and request type.

    `words`: the form's fields as they were typed, {name: [values]}; `files`: [{"name", "type", "size", "digest"}] by
    field key. Never shown to anybody else.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="drafts")
    request_type = models.ForeignKey(RequestType, on_delete=models.CASCADE, related_name="+")
    words = models.JSONField(default=dict)
    files = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "request_type"], name="draft_once")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.request_type_id}"


class Unconfirmed(models.Model):
    """A request sent without an account: it is opened when the link mailed to the address is confirmed (AB-90).

    `digest` is the SHA-256 of the link's secret. Nothing else of it exists before.
    """

    digest = models.CharField(max_length=64, unique=True)
    request_type = models.ForeignKey(RequestType, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    answers = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # The key of the request it became; the link then leads there and opens nothing again.
    ticket_key = models.CharField(max_length=30, blank=True)

    def __str__(self) -> str:
        return f"{self.address}: {self.request_type_id}"
