"""Mistakes that learners make, one per file, and what the doctor reports about each."""
