"""The print-out: pure functions that turn plain data into the lines that Minuit prints."""
