"""One draft for each person and composer, not for request forms alone."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F


def name_the_forms(apps, schema_editor):
    apps.get_model("tickets", "Draft").objects.update(kind="request", subject_id=F("request_type_id"), version=1)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0021_cuts")]

    operations = [
        migrations.AddField(
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
                    ("approval", "Approval"),
                    ("edit", "Edit"),
                ],
                default="request",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AddField("draft", "subject_id", models.BigIntegerField(default=0), preserve_default=False),
        migrations.AddField(
            "draft",
            "ticket",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.ticket"
            ),
        ),
        migrations.AddField("draft", "former", models.JSONField(default=dict)),
        migrations.AddField("draft", "version", models.PositiveIntegerField(default=0)),
        migrations.AddField("draft", "writer", models.CharField(blank=True, max_length=32)),
        migrations.AddField("draft", "stamp", models.BigIntegerField(default=0)),
        migrations.AddField("draft", "sent_by", models.CharField(blank=True, max_length=32)),
        migrations.AddField("draft", "sent_stamp", models.BigIntegerField(default=0)),
        migrations.RunPython(name_the_forms, migrations.RunPython.noop, elidable=True),
        # The constraint's checks of the rows above come before the table is changed further.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveConstraint("draft", "draft_once"),
        migrations.RemoveField("draft", "request_type"),
        migrations.AddConstraint(
            "draft", models.UniqueConstraint(fields=("person", "kind", "subject_id"), name="draft_once")
        ),
    ]
