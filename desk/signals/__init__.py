"""Signals to start from: facts that an auditor wants to look at, explained.

A signal accuses nobody; it says which stored rows stand out and why. One file a
family, the thresholds in thresholds.py, the list in registry.py.
"""
