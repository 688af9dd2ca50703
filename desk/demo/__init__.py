"""The demo: invented people, organisations and rounds, built by the services."""
