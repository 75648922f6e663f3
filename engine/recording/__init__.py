"""What is noted while a graph is recorded: scopes, sources, and whether to record at all."""
