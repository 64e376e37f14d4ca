from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("tickets", "0005_search_words"),
    ]

    operations = [
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('held', True)), fields=['ticket'], name='message_held'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['desk', '-updated_at', '-id'], include=('status', 'assignee'), name='ticket_open'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['desk', 'created_at', 'id'], name='ticket_open_oldest'),
        ),
    ]
