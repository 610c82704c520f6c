"""What the articles hold, before anybody asks: their subjects, the map, and questions that they answer."""
