"""Files know who brought them and when, apart from the message that they stand with."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

AS_THEIR_MESSAGE = """
UPDATE tickets_attachment a SET author_id = m.author_id, created_at = m.created_at
  FROM tickets_message m WHERE m.id = a.message_id
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0031_paired_columns"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField(
            "attachment",
            "author",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField("attachment", "created_at", models.DateTimeField(db_default=Now())),
        migrations.RunSQL(AS_THEIR_MESSAGE, migrations.RunSQL.noop),
    ]
