"""Synthetic candidates over the real protocol; imports nothing of the models."""
