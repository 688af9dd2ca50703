"""Celery's entry to the checkpoints, on a queue of its own.

Only a worker that can read the key takes from that queue (docs/record.md).
"""

import sys

from celery import shared_task

from audit import checkpoints, keys, printing, stamps


@shared_task(ignore_result=True)
def make_checkpoint() -> int | None:
    """Make a checkpoint, print it, and have it stamped, where somebody is to be asked;
    return its number, None where nothing had changed.

    The sheet goes to the worker's output, as by the command, and to CHECKPOINT_PRINT.
    """
    made = checkpoints.make(keys.load())
    if made is not None:
        sys.stdout.write("\n".join([*printing.sheet(made.checkpoint), ""]))
        printing.try_to_print(made.checkpoint)
    stamps.try_to_stamp()
    return None if made is None else made.checkpoint.number
