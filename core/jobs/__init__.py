"""Work as processes: trainings (the queue, the worker, series of runs) and what pages start beside them. What happens inside a
training belongs in `core.training`."""
