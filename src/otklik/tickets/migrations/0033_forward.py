"""Messages that were sent on to somebody outside, and what was answered."""

import django.db.models.deletion
from django.db import migrations, models

KINDS = ["request", "call", "comment", "reply", "note", "rating", "question", "approval", "edit", "forward"]


class Migration(migrations.Migration):
    dependencies = [("tickets", "0032_attachment_author")]

    operations = [
        migrations.AlterField(
            "draft", "kind", models.CharField(choices=[(kind, kind.title()) for kind in KINDS], max_length=10)
        ),
        migrations.CreateModel(
            name="Forward",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=320)),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="forward", to="tickets.message"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="forwards",
                        to="tickets.message",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ForwardAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "forward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="tickets.forward"
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers_forward",
                        to="tickets.message",
                    ),
                ),
            ],
        ),
    ]
