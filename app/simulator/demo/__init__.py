"""The demonstration practice: made-up patients and what the simulated Spine knows of them, as rows only.

Nobody in it exists: names are drawn at random and every NHS number is of the range kept free for tests. Who stores
the rows is not known here, and nothing is shared with the program they are to try.
"""
