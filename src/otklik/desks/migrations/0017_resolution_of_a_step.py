"""How a request ended that a step ends."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("desks", "0016_custom_fields")]

    operations = [
        migrations.AddField(
            model_name="transition",
            name="resolution",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="desks.resolution"
            ),
        ),
    ]
