"""Links have a kind and two ends; a ticket that came of another relates to it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

RELATED = """
INSERT INTO tickets_ticketlink (kind, source_id, target_id, added_at)
SELECT 'relates', id, related_id, created_at FROM tickets_ticket WHERE related_id IS NOT NULL AND related_id <> id
"""


def end(name):
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name=name, to="tickets.ticket")


class Migration(migrations.Migration):
    dependencies = [("tickets", "0028_resolution"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="TicketLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("relates", "Relates"),
                            ("duplicates", "Duplicates"),
                            ("blocks", "Blocks"),
                            ("causes", "Causes"),
                        ],
                        max_length=20,
                    ),
                ),
                ("added_at", models.DateTimeField()),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("source", end("links_out")),
                ("target", end("links_in")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["source", "target", "kind"], name="link_once"),
                    models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="link_of_two"),
                ]
            },
        ),
        migrations.RunSQL(RELATED, migrations.RunSQL.noop),
    ]
