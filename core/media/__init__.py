"""Pictures in a workspace: read, corrected, hashed, compared, listed in the library, and added whole or not at all. Files of videos
belong in `core.videos`, labels in `core.labels`.
"""
