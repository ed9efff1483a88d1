"""Papers and files out of the system: records and receipts as PDF, tables as CSV, arrests as NIBRS has them."""
