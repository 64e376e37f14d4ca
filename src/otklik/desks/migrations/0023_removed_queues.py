from django.db import migrations, models
from django.db.models import Q

ONCE = {"queue_once": "desk", "queue_once_of_owner": "owner"}


class Migration(migrations.Migration):
    dependencies = [("desks", "0022_queue_of_all_desks")]

    operations = [
        migrations.AddField("queue", "removed_at", models.DateTimeField(blank=True, null=True)),
        *(migrations.RemoveConstraint("queue", name) for name in ONCE),
        *(
            migrations.AddConstraint(
                "queue", models.UniqueConstraint(fields=(whose, "name"), condition=Q(removed_at=None), name=name)
            )
            for name, whose in ONCE.items()
        ),
    ]
