"""Tickets are found by keys that they had before, too."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0025_searched_files")]

    operations = [
        migrations.CreateModel(
            name="TicketAlias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=30, unique=True)),
                ("desk_key", models.CharField(max_length=20)),
                ("number", models.IntegerField()),
                ("added_at", models.DateTimeField()),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="aliases", to="tickets.ticket"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["desk_key", "number"], name="alias_number")]},
        ),
    ]
