"""How the pages become a site: `make docs`."""

from tunesmith import __version__

project = "Tunesmith"
copyright = "the authors of Tunesmith"  # noqa: A001 - Sphinx's name for it
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "Tunesmith"
html_show_sphinx = False

myst_heading_anchors = 3
# Files of the project that are no pages, such as a test, are links to download.
myst_enable_extensions = ["colon_fence"]

# The docstrings are plain text with code between single backticks.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"

nitpicky = False
