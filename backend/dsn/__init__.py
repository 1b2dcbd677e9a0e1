"""Employers' monthly returns (DSN): read, checked, kept, matched."""
