"""The first ten minutes as questions: each module asks about one part of the chair."""
