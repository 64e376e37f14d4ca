"""Columns that must agree do so in the database. Rows that do not are mended first; no words get lost."""

import django.db.models.deletion
from django.db import migrations, models

Q = models.Q

MEND = (
    # What a withdrawn message still says becomes its last revision, which the staff alone read.
    """INSERT INTO tickets_messagerevision (message_id, text, markup, withdrawn, replaced_at)
        SELECT id, text, markup, true, withdrawn_at FROM tickets_message WHERE withdrawn_at IS NOT NULL AND text <> ''""",
    """UPDATE tickets_message SET text = '', html = '', layout = '', quoted = '', besides = ''
        WHERE withdrawn_at IS NOT NULL AND (text, html, layout, quoted, besides) <> ('', '', '', '', '')""",
    "UPDATE tickets_approval SET settled_at = asked_at WHERE state <> 'pending' AND settled_at IS NULL",
    "UPDATE tickets_approval SET settled_at = NULL WHERE state = 'pending' AND settled_at IS NOT NULL",
    # The message is gone: what the reply itself still says is its author's draft, else there is nothing left of it.
    """UPDATE tickets_pendingreply SET state = 'draft'
        WHERE state = 'sent' AND message_id IS NULL AND (text <> '' OR files <> '[]'::jsonb)""",
    "DELETE FROM tickets_pendingreply WHERE state = 'sent' AND message_id IS NULL",
    "UPDATE tickets_pendingreply SET text = '' WHERE state = 'sent' AND text <> ''",
    # A message is proof that the reply went.
    "UPDATE tickets_pendingreply SET state = 'sent', text = '' WHERE state <> 'sent' AND message_id IS NOT NULL",
    "UPDATE tickets_participant SET epoch = 2 WHERE removed_at IS NOT NULL AND epoch < 2",
    # It ended as those did that knew when (0028).
    """UPDATE tickets_ticket t SET closed_at = t.updated_at,
        resolution_id = (SELECT id FROM desks_resolution ORDER BY position, id LIMIT 1)
        FROM desks_status s WHERE s.id = t.status_id AND s.category = 'done' AND t.closed_at IS NULL""",
    """UPDATE tickets_ticket t SET closed_at = NULL, resolution_id = NULL FROM desks_status s
        WHERE s.id = t.status_id AND s.category <> 'done' AND t.closed_at IS NOT NULL""",
)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0030_without_related")]

    operations = [
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in MEND),
        # Constraints that wait for the end of the transaction are looked at now: a table is not altered before.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            "pendingreply",
            "message",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pending_reply",
                to="tickets.message",
            ),
        ),
        migrations.AddConstraint(
            "message",
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(text="", html="", layout="", quoted="", besides=""),
                name="withdrawn_says_nothing",
            ),
        ),
        migrations.AddConstraint(
            "approval",
            models.CheckConstraint(
                condition=Q(state="pending", settled_at=None) | ~Q(state="pending") & ~Q(settled_at=None),
                name="approval_settled_or_pending",
            ),
        ),
        migrations.AddConstraint(
            "pendingreply",
            models.CheckConstraint(
                condition=Q(state="sent", text="") & ~Q(message=None) | ~Q(state="sent") & Q(message=None),
                name="sent_reply_is_a_message",
            ),
        ),
        migrations.AddConstraint(
            "participant",
            models.CheckConstraint(
                condition=Q(removed_at=None) | Q(epoch__gt=1), name="removed_address_is_worthless"
            ),
        ),
    ]
