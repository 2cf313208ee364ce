"""Paths of the real recordings, which lie beside the project, and of the rigs, which lie in it."""

import os
from pathlib import Path

RIGS = Path(__file__).parents[2] / "rigs"
SHARED = Path(os.environ.get("UNSIT_SHARED") or Path(__file__).parents[3] / "shared")

REAL_MATS = (
    "activpal_lyden/sit_7_1_edges.csv",
    "activpal_lyden/sit_7_2_edges.csv",
    "activpal_palkitchen/sit_Test1-EventsEx_edges.csv",
    "activpal_palkitchen/sit_Test_Events_edges.csv",
    "kasteren/C_bed_left_mat_edges.csv",
    "kasteren/C_bed_right_mat_edges.csv",
    "kasteren/C_couch_mat_edges.csv",
    "ordonez/bed_A_edges.csv",
    "ordonez/seat_A_edges.csv",
)
"""Real recordings of a contact, by their path in the folder of the data."""
