"""Archives that cannot be made are tried again later, and not for ever."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0009_guesses")]

    operations = [
        migrations.AddField("dataexport", "attempts", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("dataexport", "retry_at", models.DateTimeField(null=True)),
        migrations.AddField("dataexport", "failed_at", models.DateTimeField(null=True)),
    ]
