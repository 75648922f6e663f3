"""The step page: backpropagation as a page that anyone can step through."""

from .pages import StepPage, show_steps, write_page

__all__ = ["StepPage", "show_steps", "write_page"]
