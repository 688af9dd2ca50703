from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("audit", "0001_initial"),
    ]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "digest",
                    models.CharField(
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                        verbose_name="digest",
                    ),
                ),
                (
                    "stream",
                    models.CharField(
                        db_index=True, max_length=120, verbose_name="stream"
                    ),
                ),
                ("salt", models.CharField(max_length=32, verbose_name="salt")),
                ("value", models.TextField(verbose_name="value")),
            ],
            options={
                "verbose_name": "disclosure",
                "verbose_name_plural": "disclosures",
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                (
                    "stream",
                    models.CharField(
                        max_length=120,
                        primary_key=True,
                        serialize=False,
                        verbose_name="stream",
                    ),
                ),
                (
                    "seq",
                    models.BigIntegerField(verbose_name="number of the last event"),
                ),
                (
                    "hash",
                    models.CharField(
                        max_length=64, verbose_name="hash of the last event"
                    ),
                ),
                (
                    "at",
                    models.CharField(
                        max_length=27, verbose_name="moment of the last event"
                    ),
                ),
                ("seal", models.CharField(max_length=64, verbose_name="seal")),
            ],
            options={
                "verbose_name": "head of a stream",
                "verbose_name_plural": "heads of streams",
            },
        ),
        migrations.CreateModel(
            name="Journal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("op", models.CharField(max_length=36, verbose_name="operation")),
                ("tbl", models.CharField(max_length=63, verbose_name="table")),
                ("old", models.TextField(null=True, verbose_name="row before")),
                ("new", models.TextField(null=True, verbose_name="row after")),
            ],
            options={
                "verbose_name": "journal row",
                "verbose_name_plural": "journal rows",
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("stream", models.CharField(max_length=120, verbose_name="stream")),
                ("seq", models.BigIntegerField(verbose_name="number in the stream")),
                ("at", models.DateTimeField(db_index=True, verbose_name="moment")),
                (
                    "verb",
                    models.CharField(db_index=True, max_length=80, verbose_name="act"),
                ),
                (
                    "actor",
                    models.CharField(
                        db_index=True, max_length=80, verbose_name="actor"
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        db_index=True, max_length=80, verbose_name="target"
                    ),
                ),
                ("request", models.CharField(max_length=40, verbose_name="request")),
                ("line", models.TextField(verbose_name="line")),
                (
                    "hash",
                    models.CharField(max_length=64, verbose_name="hash of the line"),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "ordering": ["stream", "seq"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("stream", "seq"), name="audit_event_stream_seq"
                    )
                ],
            },
        ),
    ]
