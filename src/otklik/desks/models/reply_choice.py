"""What a person chose beside their last reply at a desk."""

from django.db import models

from otklik.desks.models.desk import Desk
from otklik.desks.models.workflow import Status
from otklik.people.models import Person


class ReplyChoice(models.Model):
    """What a person chose beside their last reply at a desk, proposed for the next one.

    `status`: the status after it, null for the same; `after`: the page that followed.
    """

    class After(models.TextChoices):
        """The page that follows a reply."""

        STAY = "stay"  # the ticket's
        NEXT = "next"  # the next ticket's of the list that was viewed last
        LIST = "list"  # that list

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="reply_choices")
    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="reply_choices")
    status = models.ForeignKey(Status, on_delete=models.SET_NULL, null=True, related_name="+")
    after = models.CharField(max_length=4, choices=After.choices, default=After.STAY)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "desk"], name="reply_choice_once")]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.desk_id}"
