"""Mistakes that learners make, one a file, and what the doctor says of each."""
