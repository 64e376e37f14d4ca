"""Customers' preferences for their list of requests («Запросы»)."""

from django.db import models

from otklik.people.models import Person


class ListLook(models.Model):
    """A person's choice of columns and order. No row: the defaults."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="list_look")
    columns = models.JSONField(default=list)
    sort = models.CharField(max_length=20)
    descending = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.person_id}: {self.columns}"


class SavedView(models.Model):
    """A named filter of the list. `words`: its query parameters, as portal.listing writes them."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    words = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.name}"
