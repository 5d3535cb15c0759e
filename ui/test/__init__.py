"""The sections of the Test page (5_Test): what a run reaches on its test frames. No tests of the code; these are in tests/."""
