"""The help: pages written for staff under the program's resources, and the window that shows them."""
