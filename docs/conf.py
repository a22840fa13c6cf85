"""The API reference, built from the docstrings: python -m sphinx -W -b html docs docs/_build."""

from jaxminuit.core.version import __version__

project = "jaxminuit"
copyright = "the jaxminuit developers, MIT licence"
version = release = __version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"jaxminuit {version}"
html_copy_source = False

default_role = "py:obj"  # `name` in a docstring is a link where there is something of that name
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say what arguments are
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_numpy_docstring = True
napoleon_attr_annotations = False  # shapes and units stand in the docstrings
napoleon_use_ivar = True  # attributes of results in a list, not each as an entry of its own
napoleon_use_rtype = False
add_module_names = False
maximum_signature_line_length = 100
python_use_unqualified_type_names = True
suppress_warnings = ["ref.python"]  # `nfcn` is an attribute of many results: a link to one of them
