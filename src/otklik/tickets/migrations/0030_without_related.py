"""The links have taken the place of the one related ticket."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0029_links")]

    operations = [migrations.RemoveField("ticket", "related")]
