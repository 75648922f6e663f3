"""What every room may use: text, terminals and files."""
