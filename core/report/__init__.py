"""The report about a run: one HTML file for the instructor, to read, to print and to keep."""
