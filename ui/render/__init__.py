"""From values to HTML, every character escaped, in German and English."""
