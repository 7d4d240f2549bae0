"""What people see, one module a page family. Views ask the rooms below and lay out; they decide nothing."""
