"""Lists of the admin for tables that grow: each page costs the same, however many rows there are."""
