"""Pages as text: words, numbers, pictures and templates. No I/O, no clock."""
