"""Scripts that run in processes of their own and print their figures as JSON."""
