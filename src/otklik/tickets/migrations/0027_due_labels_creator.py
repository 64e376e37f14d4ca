"""Tickets have a day by which they are to be done, labels, and whoever wrote them down."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Mail that nobody known wrote, and what the product made by itself, was written down by nobody.
CREATORS = """
UPDATE tickets_ticket t SET created_by_id = p.id
  FROM journal_event e JOIN people_person p ON p.id = e.actor_id
 WHERE e.subject_kind = 'ticket' AND e.kind = 'ticket.opened' AND e.subject_id = t.id
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0026_aliases"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField("ticket", "due", models.DateField(null=True)),
        migrations.AddField(
            "ticket",
            "labels",
            django.contrib.postgres.fields.ArrayField(models.CharField(max_length=255), default=list, db_default=[]),
        ),
        migrations.AddField(
            "ticket",
            "created_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            "ticket", django.contrib.postgres.indexes.GinIndex(fields=["labels"], name="ticket_labels")
        ),
        migrations.AddIndex(
            "ticket",
            models.Index(fields=["desk", "due"], condition=~models.Q(due=None), name="ticket_due"),
        ),
        migrations.RunSQL(CREATORS, migrations.RunSQL.noop),
    ]
