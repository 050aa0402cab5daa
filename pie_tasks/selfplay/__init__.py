"""Self-play: one model writes new programs, another makes them faster; what is new, right and much faster is kept.

A run is a folder (:mod:`pie_tasks.selfplay.workspace`) and five stages: generate, novel, optimise, select, export. Each
adds lines to a file of its own and goes on where it was stopped.
"""
