from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0002_several_addresses'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='sight',
            field=models.CharField(blank=True, max_length=60),
        ),
    ]
