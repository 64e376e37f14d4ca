"""An index of the tickets that have labels: what the filter language offers is read from the newest of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0038_open_oldest_covers")]

    operations = [
        migrations.AddIndex(
            "ticket",
            models.Index(
                condition=models.Q(("labels", []), _negated=True),
                fields=["-id"],
                include=("desk",),
                name="ticket_labelled",
            ),
        ),
    ]
