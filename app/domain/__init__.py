"""The pure core: no clock, no network, no settings, no HTML."""
