"""Daily mails that cannot be written are tried again later, and not for ever."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notify", "0001_digest")]

    operations = [
        migrations.AddField("digestentry", "attempts", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("digestentry", "failed_at", models.DateTimeField(null=True)),
    ]
