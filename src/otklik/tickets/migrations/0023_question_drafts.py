"""A question to approvers is typed words like any other: it has a draft too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0022_drafts")]

    operations = [
        migrations.AlterField(
            "draft",
            "kind",
            models.CharField(
                choices=[
                    ("request", "Request"),
                    ("call", "Call"),
                    ("comment", "Comment"),
                    ("reply", "Reply"),
                    ("note", "Note"),
                    ("rating", "Rating"),
                    ("question", "Question"),
                    ("approval", "Approval"),
                    ("edit", "Edit"),
                ],
                max_length=10,
            ),
        ),
    ]
