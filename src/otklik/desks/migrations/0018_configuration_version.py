from django.db import migrations

TABLES = ("desk", "status", "transition", "priority", "resolution", "requesttype", "queue", "channel", "membership")
TRIGGER = """
CREATE CONSTRAINT TRIGGER configuration_changed AFTER INSERT OR UPDATE OR DELETE ON desks_{table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION core_configuration_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("desks", "0017_resolution_of_a_step"), ("core", "0004_configuration_version")]

    operations = [
        migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER configuration_changed ON desks_{table}")
        for table in TABLES
    ]
