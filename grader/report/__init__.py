"""Pages for people. Whatever a student wrote reaches them only through the sanitizer."""
