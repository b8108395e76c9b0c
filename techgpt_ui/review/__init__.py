"""Spot checks by people: frozen samples, what they say about a model, and how far reviewers agree.

Pure functions over the records of ``records.py``; keeping and showing them is left to others.
"""
