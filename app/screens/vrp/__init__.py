"""Screens of the VRP: employers, the table of the year, the refund, its claim, a payslip."""
