"""Evaluation on gold data: answers to a gold set, the figures they earn, and comparisons between runs."""
