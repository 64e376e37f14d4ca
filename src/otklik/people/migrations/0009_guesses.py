"""Wrong guesses, counted for all processes together."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0008_api_tokens")]

    operations = [
        migrations.CreateModel(
            name="Guesses",
            fields=[
                ("mark", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("wrong", models.PositiveIntegerField(default=0)),
                ("waits", models.PositiveIntegerField(default=0)),
                ("recent", models.JSONField(default=list)),
                ("last_at", models.DateTimeField(db_index=True)),
                ("not_before", models.DateTimeField()),
            ],
        ),
    ]
