import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("mail", "0009_imports"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="outboundfile",
            index=django.contrib.postgres.indexes.HashIndex(fields=["digest"], name="outbound_file_digest"),
        ),
    ]
