"""The web process: `granian --interface wsgi config.wsgi:application`."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config import sweeps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

if settings.REDIS_URL:
    import_module("config.celery")  # so that hints reach the workers
elif settings.SWEEP_THREAD:
    sweeps.start_thread()
