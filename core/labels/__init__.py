"""Who gave which answer for which frame: answers, consensus, sync with the browser, assignments, progress. How good the labels
are belongs in `core.review`.
"""
