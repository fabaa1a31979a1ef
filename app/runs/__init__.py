"""Launches that the server starts: from a plan to an order, through approval, and step by step until nothing is left that costs."""
