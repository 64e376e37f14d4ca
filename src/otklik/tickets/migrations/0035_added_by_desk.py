"""Whether whoever added somebody to a request worked at its desk becomes a fact of each participant."""

from django.db import migrations, models

# As far as existing rows tell: who works at the desk now, runs the site, or worked there until the journal says that
# the role was taken.
BY_DESK = """
UPDATE tickets_participant l SET by_desk = true
  FROM tickets_ticket t
 WHERE t.id = l.ticket_id AND l.added_by_id IS NOT NULL AND l.added_by_id <> l.person_id
   AND (EXISTS (SELECT FROM desks_membership s WHERE s.desk_id = t.desk_id AND s.person_id = l.added_by_id)
     OR EXISTS (SELECT FROM people_person p WHERE p.id = l.added_by_id AND p.is_admin)
     OR EXISTS (SELECT FROM journal_event e
                 WHERE e.subject_kind = 'desk' AND e.subject_id = t.desk_id AND e.kind = 'desk.role_taken'
                   AND e.data @> jsonb_build_object('person', l.added_by_id) AND e.at >= l.added_at))
"""


class Migration(migrations.Migration):
    dependencies = [
        ("desks", "0008_retention"),
        ("journal", "0001_initial"),
        ("people", "0012_heard"),
        ("tickets", "0034_forwarded_head"),
    ]

    operations = [
        migrations.AddField("participant", "by_desk", models.BooleanField(db_default=False, default=False)),
        migrations.RunSQL(BY_DESK, migrations.RunSQL.noop),
    ]
