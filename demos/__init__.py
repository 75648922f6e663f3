"""Small programs and lessons; each ends by asserting what it shows."""
