"""Lists that all desks share, as in Jira (resolutions, issue types): filters and scripts refer to their entries by
name.
"""

from django.db import models


class SiteEntry(models.Model):
    """An entry of a site-wide list. `name` is in the site's language, `texts` in others: {language: {"name": …}}.

    Entries are never deleted, because tickets refer to them; archived ones cannot be chosen. The first one in use is
    the default. Written by `desks.commands.site_lists`.
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
    """How a ticket was resolved. Open tickets have none."""


class IssueType(SiteEntry):
    """The kind of work, as in Jira; several request types may share an issue type."""
