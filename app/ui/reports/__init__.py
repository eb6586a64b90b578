"""Reports: the lists of a run on a page of their own, and how they leave the program as files and on paper."""
