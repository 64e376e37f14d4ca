"""A ticket that ended says how; those that ended before got done."""

import django.db.models.deletion
from django.db import migrations, models

ENDED = """
UPDATE tickets_ticket SET resolution_id = (SELECT id FROM desks_resolution ORDER BY position, id LIMIT 1)
 WHERE closed_at IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0027_due_labels_creator"), ("desks", "0015_site_lists")]

    operations = [
        migrations.AddField(
            "ticket",
            "resolution",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="tickets", to="desks.resolution"
            ),
        ),
        migrations.AddConstraint(
            "ticket",
            models.CheckConstraint(
                condition=models.Q(resolution=None) | ~models.Q(closed_at=None), name="resolution_of_ended"
            ),
        ),
        migrations.RunSQL(ENDED, migrations.RunSQL.noop),
    ]
