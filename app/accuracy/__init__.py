"""How right the engine is: its sizes and its advice held against published figures, recomputed from the copies kept here.

Pure scoring: knowledge, prices and the day come from the caller. `data/` holds the figures with their sources.
"""
