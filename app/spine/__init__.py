"""The client of the Spine: strict messages over watched HTTP connections, and the card session with its tokens.

The only package that speaks to the Spine. It knows no window, no SQL and no scheduler.
"""
