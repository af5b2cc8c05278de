"""Verdicts by region and by topic."""
