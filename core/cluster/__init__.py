"""Trainings on other computers, by Ray: the address of a cluster, what runs there, and who attends to it here. Nothing of Ray is
imported before a training is sent; which run goes where is decided in `core.jobs`.
"""
