"""What an instructor reads: how far the numbers of a run can be trusted, its report as one HTML file, the overview of a class."""
