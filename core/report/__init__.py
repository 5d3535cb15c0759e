"""What an instructor reads: the report about a run as one HTML file, and the overview of a class."""
