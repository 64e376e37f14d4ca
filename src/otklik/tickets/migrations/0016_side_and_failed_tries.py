"""Who spoke for the desk becomes a fact of each message; replies and reminders count the tries that failed."""

from django.db import migrations, models

# As far as existing rows tell: notes are the staff's; who asked is the customer; who works at the desk now, runs the
# site, worked there until the journal says that the role was taken, or wrote on the agents' pages, spoke for the desk.
SIDES = """
UPDATE tickets_message m SET side = CASE
    WHEN m.author_id IS NULL AND (m.kind = 'internal' OR NOT m.opening AND m.inbound_id IS NULL AND m.claimed_author = '')
        THEN 'system'
    WHEN m.kind = 'internal' THEN 'staff'
    WHEN m.author_id IS NULL OR m.author_id = t.requester_id THEN 'customer'
    WHEN EXISTS (SELECT FROM desks_membership s WHERE s.desk_id = t.desk_id AND s.person_id = m.author_id)
      OR EXISTS (SELECT FROM people_person p WHERE p.id = m.author_id AND p.is_admin)
      OR EXISTS (SELECT FROM journal_event e
                  WHERE e.subject_kind = 'desk' AND e.subject_id = t.desk_id AND e.kind = 'desk.role_taken'
                    AND e.data @> jsonb_build_object('person', m.author_id) AND e.at >= m.created_at)
      OR EXISTS (SELECT FROM journal_event e
                  WHERE e.subject_kind = 'ticket' AND e.subject_id = t.id AND e.via = 'agent'
                    AND e.actor_id = m.author_id AND e.data @> jsonb_build_object('message', m.id))
        THEN 'staff'
    ELSE 'customer' END
  FROM tickets_ticket t WHERE t.id = m.ticket_id
"""


class Migration(migrations.Migration):

    dependencies = [
        ("desks", "0008_retention"),
        ("journal", "0001_initial"),
        ("people", "0011_password_short"),
        ("tickets", "0015_heard"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="side",
            field=models.CharField(
                choices=[("customer", "Customer"), ("staff", "Staff"), ("system", "System")],
                default="customer",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="approval", name="attempts", field=models.PositiveSmallIntegerField(default=0)
        ),
        migrations.AddField(model_name="approval", name="failed_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="approval", name="retry_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="pendingreply", name="attempts", field=models.PositiveSmallIntegerField(default=0)
        ),
        migrations.AddField(model_name="pendingreply", name="failed_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="pendingreply", name="retry_at", field=models.DateTimeField(null=True)),
        migrations.RunSQL(SIDES, migrations.RunSQL.noop),
    ]
