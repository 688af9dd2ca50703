"""A rehearsal: one example case goes through a round, and nothing of it stays.

path = walk.rehearse(round_)          # in a process of its own
path.steps, path.stop, path.notes
"""
