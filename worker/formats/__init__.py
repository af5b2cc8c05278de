"""A clean article in forms that others read. Pure functions on the words of the house: no store, no clock.

On the floor of the contracts, because sinks write these forms and the command line exports them.
"""
