"""Networks as those of other libraries, and back."""
