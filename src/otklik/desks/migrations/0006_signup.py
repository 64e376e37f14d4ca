"""Desks whose portal lets people register by themselves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desks", "0005_forms")]

    operations = [migrations.AddField(model_name="desk", name="signup", field=models.BooleanField(default=False))]
