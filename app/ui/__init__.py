"""The window: views that show models, controllers that own the state, a worker thread for what takes time.

Sees the engine and the rules only. Views know no controller's inside; a controller never sees a widget. Everything
that talks to the Spine or the sign-in runs off the thread of the window.
"""
