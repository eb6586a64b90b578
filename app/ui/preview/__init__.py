"""The preview in the window: what a press would do, before it is made."""
