"""The code that runs at the user's: shipped unchanged in every kit, so it imports nothing of the application.

Heavy packages are imported inside functions: reading data, searching, evaluating and the rehearsal need the standard library alone.
"""
