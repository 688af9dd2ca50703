"""Celery's entry to the checkpoints, on a queue of its own.

Only a worker that can read the key takes from that queue (docs/record.md).
"""

from celery import shared_task

from audit import checkpoints, keys, stamps


@shared_task(ignore_result=True)
def make_checkpoint() -> int | None:
    """Make a checkpoint and have it stamped, where somebody is to be asked; return
    its number, None where nothing had changed."""
    made = checkpoints.make(keys.load())
    stamps.try_to_stamp()
    return None if made is None else made.checkpoint.number
