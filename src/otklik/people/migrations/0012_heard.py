from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0011_password_short"),
    ]

    operations = [
        migrations.AddField(model_name="person", name="heard_at", field=models.DateTimeField(null=True)),
    ]
