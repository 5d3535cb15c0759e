"""Trainings as processes: the queue, the worker process, series of runs. What happens inside a training belongs in `core.training`."""
