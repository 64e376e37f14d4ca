"""What a person chooses about mails and the look of the pages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0003_sight")]

    operations = [
        migrations.AddField(
            model_name="person", name="theme", field=models.CharField(blank=True, default="", max_length=10),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="person",
            name="notices",
            field=models.CharField(
                choices=[("each", "Each"), ("digest", "Digest"), ("waiting", "Waiting")],
                default="each",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="person", name="digest_hour", field=models.PositiveSmallIntegerField(default=9)
        ),
    ]
