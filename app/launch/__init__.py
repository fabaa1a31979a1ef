"""Launch links and launch kits: from a decision to files and addresses that start what it advises."""
