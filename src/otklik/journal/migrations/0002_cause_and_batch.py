"""What an event follows from, and what was done in the same act."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("journal", "0001_initial")]

    operations = [
        migrations.AddField(model_name="event", name="batch_id", field=models.UUIDField(null=True)),
        migrations.AddField(model_name="event", name="cause_id", field=models.BigIntegerField(null=True)),
        migrations.AddField(model_name="event", name="depth", field=models.SmallIntegerField(db_default=0, default=0)),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["batch_id"], condition=~models.Q(batch_id=None), name="event_batch"),
        ),
    ]
