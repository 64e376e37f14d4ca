"""Notices that wait for a person's daily digest."""

from django.db import models

from otklik.people.models import Person


class DigestEntry(models.Model):
    """A notification for a person's daily mail (Person.notices), due at `due_at`."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="digest_entries")
    event_id = models.BigIntegerField()
    template = models.CharField(max_length=40)
    due_at = models.DateTimeField(db_index=True)
    # Failed attempts; `failed_at`: given up, which /healthz reports.
    attempts = models.PositiveSmallIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "event_id", "template"], name="digest_entry_once")]

    def __str__(self) -> str:
        return f"{self.template} of {self.event_id} for {self.person_id}"
