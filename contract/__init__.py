"""The words that app and backend exchange: models, problem codes, canonical texts."""
