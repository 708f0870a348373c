"""The tables of revision 0001, frozen: later revisions change them, nobody edits them."""
