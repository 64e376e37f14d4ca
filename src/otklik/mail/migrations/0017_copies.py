"""The same mail by another way has a fate of its own."""

from django.db import migrations, models

_FATES = [
    ("", "-"),
    ("request", "Request"),
    ("comment", "Comment"),
    ("held_comment", "Held Comment"),
    ("bounce", "Bounce"),
    ("auto_reply", "Auto Reply"),
    ("own", "Own"),
    ("unreadable", "Unreadable"),
    ("blocked", "Blocked"),
    ("spam", "Spam"),
    ("astray", "Astray"),
    ("done", "Done"),
    ("copy", "Copy"),
    ("rolled_back", "Rolled Back"),
]


class Migration(migrations.Migration):
    dependencies = [("mail", "0016_pictures_in_place")]

    operations = [
        migrations.AlterField(
            "inboundmail", "fate", models.CharField(blank=True, choices=_FATES, default="", max_length=20)
        ),
    ]
