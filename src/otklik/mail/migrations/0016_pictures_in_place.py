"""Pictures that stand inside the words of a mail of ours."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mail", "0015_slow_lane")]

    operations = [
        migrations.AddField(
            "outboundfile", "content_id", models.CharField(blank=True, db_default="", default="", max_length=100)
        ),
    ]
