from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_foundation"),
    ]

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "number",
                    models.BigIntegerField(
                        primary_key=True, serialize=False, verbose_name="number"
                    ),
                ),
                ("at", models.CharField(max_length=27, verbose_name="moment")),
                (
                    "root",
                    models.CharField(max_length=64, verbose_name="root over all heads"),
                ),
                (
                    "prev",
                    models.CharField(
                        max_length=64, verbose_name="hash of the checkpoint before"
                    ),
                ),
                ("streams", models.BigIntegerField(verbose_name="streams")),
                ("events", models.BigIntegerField(verbose_name="events")),
                ("body", models.TextField(verbose_name="signed text")),
                (
                    "signature",
                    models.CharField(max_length=128, verbose_name="signature"),
                ),
                (
                    "key",
                    models.CharField(
                        max_length=64, verbose_name="fingerprint of the key"
                    ),
                ),
            ],
            options={
                "verbose_name": "checkpoint",
                "verbose_name_plural": "checkpoints",
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="CheckpointHead",
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
                ("checkpoint", models.BigIntegerField(verbose_name="checkpoint")),
                ("stream", models.CharField(max_length=120, verbose_name="stream")),
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
            ],
            options={
                "verbose_name": "head in a checkpoint",
                "verbose_name_plural": "heads in checkpoints",
                "db_table": "audit_checkpoint_head",
                "indexes": [
                    models.Index(
                        fields=["stream", "checkpoint"], name="audit_checkpoint_head_of"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("checkpoint", "stream"),
                        name="audit_checkpoint_head_once",
                    )
                ],
            },
        ),
    ]
