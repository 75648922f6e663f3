"""The doctor: what learners get wrong, found in their own graph and said in words."""
