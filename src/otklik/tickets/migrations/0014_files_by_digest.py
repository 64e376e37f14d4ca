import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("tickets", "0013_approval_reminded"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="attachment",
            index=django.contrib.postgres.indexes.HashIndex(fields=["digest"], name="attachment_digest"),
        ),
    ]
