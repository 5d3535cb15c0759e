"""What every page uses: the frame of the page, caches, charts, frames, uploads, shortcuts. Sections of one page belong in that
page's package.
"""
