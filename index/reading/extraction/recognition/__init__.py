"""
Text recognition: Tesseract, if that program is installed, reads scanned pages and pictures.

`scans` asks for the pages, one at a time. In the process that reads files, `page` draws a page and hands it to the
program, and `words` turns the result into text.
"""
