"""CSV in and out: a practice's list, checked before anything is stored, and the files staff take away.

Files only: nothing here knows a window, a message or a database; rows go to and come from the ports of `engine`.
"""
