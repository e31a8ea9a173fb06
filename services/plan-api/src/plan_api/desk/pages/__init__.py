"""Pages of the work as text, and the forms on them. No I/O, no clock."""
