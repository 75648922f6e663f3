"""The step page: backpropagation as a page that anyone can step through."""
