"""A mail that is hard to read waits apart from the others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mail", "0014_restored_mails")]

    operations = [
        migrations.AddField(
            model_name="inboundmail",
            name="slow",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
