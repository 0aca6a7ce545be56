"""A small question, for tests that play it."""

from sims.studies.question import Question

ASKED = {
    "question": "What is held?",
    "shows": ["held_mean_minor"],
    "scenarios": {"as it is": {}, "14 days": {"inspection_days": 14}},
    "lasts_days": 8,
    "escrows_per_day": 6,
    "replications": 2,
    "stories": 120,
    "seed": 5,
}


def question(**changed):
    return Question.model_validate({**ASKED, **changed})
