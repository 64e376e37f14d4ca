"""The time that customers are shown moves only by what customers can see."""

import django.db.models.functions.datetime
from django.db import migrations, models

# What tells of the past: public words, their corrections, closing. Changes of status leave no other trace in these tables.
_PAST = """
UPDATE tickets_ticket SET shown_at = greatest(created_at, closed_at, (
  SELECT max(greatest(m.created_at, m.edited_at, m.withdrawn_at)) FROM tickets_message m
  WHERE m.ticket_id = tickets_ticket.id AND m.kind = 'public' AND NOT m.held
))
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0010_answers_searched'),
    ]

    operations = [
        migrations.AddField(
            model_name='ticket',
            name='shown_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.RunSQL(_PAST, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(fields=['-shown_at', '-id'], name='ticket_shown'),
        ),
    ]
