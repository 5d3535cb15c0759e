"""Labels in the file formats of other programs: pure readers and writers between their files and one record.

How labels come into a workspace, or out of one, belongs in `core.exchange`.
"""
