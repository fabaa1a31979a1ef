"""See platform.yaml."""
