"""What the articles hold, before anybody asks: the map and questions that they answer."""
