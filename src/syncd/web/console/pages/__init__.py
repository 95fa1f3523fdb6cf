"""The console's pages, one room per noun: each answers rows of the table of pages."""
