"""The verdicts. Pure functions on frozen models: no clock, network, logger or environment."""
