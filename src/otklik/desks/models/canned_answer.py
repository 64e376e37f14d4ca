"""Canned answers: texts that agents put into replies and notes, a desk's or a person's own, and how often they do."""

from django.db import models
from django.db.models import Q

from otklik.desks.models.desk import Desk
from otklik.people.models import Person


class _Kept(models.Manager["CannedAnswer"]):
    """The default manager: answers that are not deleted."""

    def get_queryset(self) -> models.QuerySet["CannedAnswer"]:
        return super().get_queryset().filter(removed_at=None)


class CannedAnswer(models.Model):
    """A text of a desk for its staff, or of one person (`owner`) for themselves.

    `texts`: {language: {"text": …}}, at least one, in the grammar of mail texts (notify.texts.grammar). `folder`: a
    name under which lists gather them, "" for none. `files`: [{"name", "content_type", "size", "digest"}], which are
    attached where it is inserted. `removed_at`: it is deleted and can be restored for a while
    (commands.canned_answers); `objects` leaves such out.
    """

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="canned_answers", null=True, blank=True)
    owner = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="canned_answers", null=True, blank=True)
    folder = models.CharField(max_length=100, default="", blank=True)
    name = models.CharField(max_length=100)
    texts = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = _Kept()
    with_removed = models.Manager["CannedAnswer"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "folder", "name"], condition=Q(removed_at=None), name="canned_answer_once"
            ),
            models.UniqueConstraint(
                fields=["owner", "folder", "name"], condition=Q(removed_at=None), name="canned_answer_once_of_owner"
            ),
            models.CheckConstraint(
                condition=Q(desk=None, owner__isnull=False) | Q(desk__isnull=False, owner=None),
                name="canned_answer_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.desk_id or self.owner_id}: {self.name}"


class CannedAnswerUse(models.Model):
    """How often a person has inserted a canned answer, and when last."""

    answer = models.ForeignKey(CannedAnswer, on_delete=models.CASCADE, related_name="uses")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="canned_answer_uses")
    times = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "person"], name="canned_answer_use_once")]

    def __str__(self) -> str:
        return f"{self.person_id} used {self.answer_id}"
