"""The database of labels: tables, the append-only log of events, which events are in effect, migrations. What the labels mean
belongs in `core.labels`.
"""
