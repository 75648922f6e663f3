"""Two graphs side by side: which nodes belong together, the first difference, and what it does to the result."""
