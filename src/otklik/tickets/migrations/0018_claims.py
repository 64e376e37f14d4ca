"""Who may have written a mail whose From was rewritten on its way."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0017_links_seen")]

    operations = [
        migrations.AddField(
            "message",
            "claims",
            models.JSONField(default=list, db_default=models.Value([], models.JSONField())),
        ),
    ]
