"""The components of cost: one module for each group, each a set of small functions from a situation to priced lines.

Quantity, price and usage stay apart: a line is quantity x unit price; an unknown price leaves the amount open, never zero.
"""
