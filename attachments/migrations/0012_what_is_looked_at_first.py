from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("attachments", "0011_first_bytes_of_uploads"),
    ]

    operations = [
        migrations.AddField(
            model_name="rendition",
            name="asked_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="rendition",
            index=models.Index(
                condition=models.Q(("asked_at__isnull", False), ("state", "WAITING")),
                fields=["asked_at"],
                name="attachments_render_first",
            ),
        ),
    ]
