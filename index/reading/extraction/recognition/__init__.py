"""
Text recognition: what is read off scanned pages and pictures by Tesseract, where that program is installed.

`scans` asks for the pages, one at a time; in the process that reads files `page` draws a page and hands it to the
program, and `words` makes text of what comes back.
"""
