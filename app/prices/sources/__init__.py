"""Where prices come from: one module for each source."""
