"""Found by its folder."""
