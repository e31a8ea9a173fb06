"""The running system in its two forms, behind one interface for the tests."""
