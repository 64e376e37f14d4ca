from django.db import migrations, models


class Migration(migrations.Migration):
    """Going back, the queues have no criteria: their texts may say what no criteria could."""

    dependencies = [("desks", "0019_queues_as_texts")]

    operations = [
        migrations.RemoveField("queue", "criteria"),
        migrations.RemoveField("queue", "order"),
    ]
