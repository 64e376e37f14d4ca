from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0012_heard")]

    operations = [migrations.AddField("person", "reset_epoch", models.IntegerField(db_default=0, default=0))]
