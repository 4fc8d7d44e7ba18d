"""The language server: what `check` and `rewrite` know, while the text is being typed.

``buffer`` holds a document and applies edits, ``slices`` cuts it into top-level statements, ``links`` tells which of
them speak of each other, ``linter`` judges again only those that an edit can have touched, ``workspace`` knows folders,
settings and files, ``scheduler`` sees to it that only the newest text is judged, and ``server`` speaks the protocol.
Only ``server``, ``protocol`` and the command import pygls.
"""
