"""Words that are read as they were typed; what is there stays Markdown."""

from django.db import migrations, models

_CHOICES = [("plain", "Plain"), ("markdown", "Markdown"), ("typed", "Typed")]


class Migration(migrations.Migration):
    dependencies = [("tickets", "0018_claims")]

    operations = [
        migrations.AlterField("message", "markup", models.CharField(choices=_CHOICES, default="plain", max_length=10)),
        migrations.AlterField("messagerevision", "markup", models.CharField(choices=_CHOICES, max_length=10)),
        migrations.AlterField(
            "pendingreply", "markup", models.CharField(choices=_CHOICES, default="plain", max_length=10)
        ),
    ]
