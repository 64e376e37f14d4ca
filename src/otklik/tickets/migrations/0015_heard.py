"""Who was heard before this was kept: who wrote into a request by mail or page, and who opened one by a proved mail.

Who opened one on behalf of somebody was not: the words of the opening are no proof of the requester.
"""

from django.db import migrations, models

HEARD = """
UPDATE people_person SET heard_at = said.at FROM (
    SELECT author_id, min(created_at) AS at FROM (
        SELECT author_id, created_at FROM tickets_message WHERE author_id IS NOT NULL AND NOT opening AND NOT held
        UNION ALL
        SELECT requester_id, created_at FROM tickets_ticket
        WHERE requester_id IS NOT NULL AND channel = 'mail' AND NOT sender_unverified
    ) AS every(author_id, created_at) GROUP BY author_id
) AS said WHERE said.author_id = people_person.id AND people_person.heard_at IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ("tickets", "0014_files_by_digest"),
        ("people", "0012_heard"),
    ]

    operations = [
        migrations.RunSQL(HEARD, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="participant",
            index=models.Index(
                condition=~models.Q(added_by=None), fields=["added_at"], name="participant_added"
            ),
        ),
    ]
