"""The web process: `granian --interface wsgi config.wsgi:application`."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from django.conf import settings

if settings.REDIS_URL:
    import_module("config.celery")  # so that hints reach the workers
elif settings.SWEEP_THREAD:
    from config import sweeps

    sweeps.start_thread()
