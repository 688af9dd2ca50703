"""The auditor's desk: search over the record, who read what, signals."""
