"""Lists that all desks share, as in Jira (resolutions, issue types): filters and scripts refer to their entries by
name.
"""

from django.db import models


class SiteEntry(models.Model):
    """An entry of a list. `name` is in the site's language, `texts` in others: {language: {"name": …}}.

    Entries are never deleted, as tickets have them; an archived one is chosen no more. The first that is in use is what
    a ticket gets where nobody chose. Written by `desks.commands.site_lists`.
    """

    name = models.CharField(max_length=60, unique=True)
    texts = models.JSONField(default=dict, blank=True)
    position = models.PositiveSmallIntegerField()
    archived = models.BooleanField(default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Resolution(SiteEntry):
    """How a ticket ended. An open ticket has none."""


class IssueType(SiteEntry):
    """What kind of work the requests of a request type are; several request types are of one issue type."""
