"""Lookup tables as files: their cells, columns, answers and boxes, whatever their format. How they come into a workspace, or out of
one, belongs in `core.exchange`.
"""
