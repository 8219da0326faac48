"""What holds for every request there could be: matrix, invariants, cases."""
