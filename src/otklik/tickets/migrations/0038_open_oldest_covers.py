"""The index of open tickets holds what filters of them ask and sort by (ADR 87)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0037_list_export")]

    operations = [
        migrations.RemoveIndex("ticket", "ticket_open_oldest"),
        migrations.AddIndex(
            "ticket",
            models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["desk", "created_at", "id"],
                include=("priority", "status", "assignee", "updated_at"),
                name="ticket_open_oldest",
            ),
        ),
    ]
