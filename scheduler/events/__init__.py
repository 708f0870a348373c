"""Typed events, written in the transaction of the change that they tell of."""
