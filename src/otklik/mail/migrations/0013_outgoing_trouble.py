from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mail', "0012_caused_by"),
    ]

    operations = [
        migrations.AddField(
            model_name='outboundmail',
            name='claimed_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='outboundmail',
            name='delayed_by',
            field=models.CharField(blank=True, choices=[('', 'None'), ('recipient', 'Recipient'), ('relay', 'Relay'), ('policy', 'Policy'), ('some', 'Some'), ('silent', 'Silent')], db_default='', default='', max_length=10),
        ),
        migrations.AddField(
            model_name='outboundmail',
            name='delayed_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='outboundmail',
            index=models.Index(condition=models.Q(('state', 'queued'), models.Q(('delayed_by', ''), _negated=True)), fields=['delayed_by'], name='outbound_delayed'),
        ),
    ]
