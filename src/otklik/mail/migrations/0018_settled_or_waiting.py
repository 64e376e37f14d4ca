"""A mail waits or was settled at some time; which of both the state says."""

from django.db import migrations, models

MEND = "UPDATE mail_inboundmail SET settled_at = received_at WHERE state <> 'waiting' AND settled_at IS NULL"
SETTLED = models.Q(state="waiting", settled_at=None) | ~models.Q(state="waiting") & ~models.Q(settled_at=None)


class Migration(migrations.Migration):
    dependencies = [("mail", "0017_copies")]

    operations = [
        migrations.RunSQL(MEND, migrations.RunSQL.noop),
        migrations.RemoveConstraint("inboundmail", "inbound_waiting_is_not_settled"),
        migrations.AddConstraint(
            "inboundmail", models.CheckConstraint(condition=SETTLED, name="inbound_settled_or_waiting")
        ),
    ]
