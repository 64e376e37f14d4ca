"""What a limit left out of a mail."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0020_layout")]

    operations = [
        migrations.AddField(
            "message", "cuts", models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
        ),
    ]
