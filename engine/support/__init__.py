"""Text, numbers, terminals and files, for every room."""
