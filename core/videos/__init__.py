"""Videos on their way in: decoded once, in order, corrected (colours, times, proportions), and recognised where they came before.
Their stored frames are pictures, which belong in `core.media`.
"""
