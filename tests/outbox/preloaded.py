"""Imported by the server of processes.py alone: the project, loaded once.

With DEBUG on, because only then a process dies at a named point.
"""

import os

import django

os.environ["DEBUG"] = "1"
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

# what a program needs is loaded before the first fork
from tests.attachments import files  # noqa: E402, F401
from tests.guards import crashing  # noqa: E402, F401
