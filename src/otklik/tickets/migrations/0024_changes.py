"""What changed on tickets becomes rows, with ids; existing events tell what they can."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Events held names only, some without what stood before: that is the change before it, or the desk's first status. A
# name that no row of the desk has (it was renamed since), or that two people have, stays without an id.
FROM_EVENTS = """
WITH told AS (
    SELECT e.id AS event_id, e.kind, e.data, e.at, p.id AS actor_id, t.id AS ticket_id, t.desk_id
      FROM journal_event e
      JOIN tickets_ticket t ON t.id = e.subject_id
      LEFT JOIN people_person p ON p.id = e.actor_id
     WHERE e.subject_kind = 'ticket'
), valued AS (
    SELECT told.*, 'status' AS field, data->>'before' AS old,
           coalesce(nullif(data->>'after', ''), data->>'moved') AS new
      FROM told
     WHERE kind IN ('ticket.status_changed', 'ticket.commented', 'ticket.admitted', 'ticket.approval_answered')
       AND coalesce(nullif(data->>'after', ''), data->>'moved', '') <> ''
    UNION ALL
    SELECT told.*, data->>'field', data->>'before', data->>'after' FROM told
     WHERE kind = 'ticket.fields_changed' AND data->>'field' IN ('priority', 'request_type', 'subject')
    UNION ALL
    SELECT told.*, 'requester', data->>'before', data->>'after' FROM told WHERE kind = 'ticket.requester_changed'
    UNION ALL
    SELECT told.*, 'assignee', NULL, coalesce(data->>'assigned', data->>'assignee') FROM told
     WHERE kind = 'ticket.assigned' OR data ? 'assigned'
    UNION ALL
    SELECT told.*, left('answer:' || (one->>'field'), 60), one->>'before', one->>'after'
      FROM told, jsonb_array_elements(data->'changes') one WHERE kind = 'ticket.answers_changed'
), chained AS (
    SELECT valued.*, coalesce(
               old,
               lag(new) OVER (PARTITION BY ticket_id, field ORDER BY event_id),
               CASE WHEN field = 'status' THEN
                   (SELECT s.name FROM desks_status s WHERE s.desk_id = valued.desk_id ORDER BY s.position, s.id LIMIT 1)
               END, '') AS was
      FROM valued
)
INSERT INTO tickets_change
       (ticket_id, event_id, field, old, new, at, actor_id, old_id, new_id, old_person_id, new_person_id)
SELECT ticket_id, event_id, field, was, coalesce(new, ''), at, actor_id,
       CASE field
           WHEN 'status' THEN (SELECT min(r.id) FROM desks_status r WHERE r.desk_id = c.desk_id AND r.name = was)
           WHEN 'priority' THEN (SELECT min(r.id) FROM desks_priority r WHERE r.desk_id = c.desk_id AND r.name = was)
           WHEN 'request_type' THEN
               (SELECT min(r.id) FROM desks_requesttype r WHERE r.desk_id = c.desk_id AND r.name = was)
       END,
       CASE field
           WHEN 'status' THEN (SELECT min(r.id) FROM desks_status r WHERE r.desk_id = c.desk_id AND r.name = new)
           WHEN 'priority' THEN (SELECT min(r.id) FROM desks_priority r WHERE r.desk_id = c.desk_id AND r.name = new)
           WHEN 'request_type' THEN
               (SELECT min(r.id) FROM desks_requesttype r WHERE r.desk_id = c.desk_id AND r.name = new)
       END,
       CASE WHEN field IN ('assignee', 'requester') AND was <> '' THEN
           (SELECT min(r.id) FROM people_person r WHERE r.name = was HAVING count(*) = 1)
       END,
       CASE WHEN field IN ('assignee', 'requester') AND new <> '' THEN
           coalesce((SELECT r.id FROM people_person r WHERE field = 'requester' AND r.id = (data->>'person')::bigint),
                    (SELECT min(r.id) FROM people_person r WHERE r.name = new HAVING count(*) = 1))
       END
  FROM chained c
 ORDER BY event_id, field
"""


def person(name: str = "+") -> models.ForeignKey:
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name=name, to=settings.AUTH_USER_MODEL
    )


class Migration(migrations.Migration):

    dependencies = [
        ("desks", "0008_retention"),
        ("journal", "0001_initial"),
        ("tickets", "0023_question_drafts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(max_length=60)),
                ("old_id", models.BigIntegerField(null=True)),
                ("new_id", models.BigIntegerField(null=True)),
                ("old", models.TextField(default="")),
                ("new", models.TextField(default="")),
                ("at", models.DateTimeField()),
                ("actor", person()),
                (
                    "event",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="changes",
                        to="journal.event",
                    ),
                ),
                ("new_person", person()),
                ("old_person", person()),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="tickets.ticket"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["ticket", "field", "id"], name="change_of_ticket")]},
        ),
        migrations.RunSQL(FROM_EVENTS, migrations.RunSQL.noop),
    ]
