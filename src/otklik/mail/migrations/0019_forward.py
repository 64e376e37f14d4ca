"""A mail may become an internal note: an answer to what an agent forwarded."""

from django.db import migrations, models

FATES = [
    ("", "-"),
    *(
        (fate, fate.replace("_", " ").title())
        for fate in (
            "request", "comment", "held_comment", "note", "bounce", "auto_reply", "own", "unreadable", "blocked",
            "spam", "astray", "done", "copy", "rolled_back",
        )
    ),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("mail", "0018_settled_or_waiting")]

    operations = [
        migrations.AlterField(
            "inboundmail", "fate", models.CharField(blank=True, choices=FATES, default="", max_length=20)
        ),
    ]
