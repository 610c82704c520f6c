def is_garbled(text): return False
