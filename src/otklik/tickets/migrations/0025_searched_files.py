"""Files know by which rules they were searched for links of ours, so a download searches each of them once at most."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0024_changes")]

    operations = [
        migrations.AddField("attachment", "searched", models.SmallIntegerField(default=0, db_default=0)),
    ]
