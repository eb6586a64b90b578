"""The page of the worklists: what is left to look after, over all runs, and what can be done about each patient."""
