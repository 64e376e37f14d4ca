"""Keys of scripts say what they may do and how often; those that there are may do what they could: everything."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0014_logins")]

    operations = [
        migrations.AddField(
            "apitoken",
            "scopes",
            django.contrib.postgres.fields.ArrayField(
                models.CharField(
                    choices=[("read", "Read"), ("write", "Write"), ("admin", "Admin")], max_length=10
                ),
                db_default=["read", "write", "admin"],
                default=list,
            ),
        ),
        migrations.AddField("apitoken", "rate", models.PositiveIntegerField(null=True)),
        migrations.AddField("apitoken", "window_at", models.DateTimeField(null=True)),
        migrations.AddField("apitoken", "window_uses", models.PositiveIntegerField(default=0, db_default=0)),
    ]
