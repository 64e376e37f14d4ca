from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("tickets", "0011_shown_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="undelivered_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("undelivered_at", None), _negated=True),
                fields=["desk", "-updated_at"],
                name="ticket_undelivered",
            ),
        ),
    ]
