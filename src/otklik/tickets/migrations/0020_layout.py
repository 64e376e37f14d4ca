"""How a mail looked, and which of its pictures are shown on demand only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0019_typed")]

    operations = [
        migrations.AddField("message", "layout", models.TextField(blank=True, db_default="", default="")),
        migrations.AddField("attachment", "folded", models.BooleanField(db_default=False, default=False)),
    ]
