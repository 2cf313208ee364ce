"""Client ids: the broker throws a client out when another one with its id connects."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from unsit.mqtt.topics import Topics

PURPOSES = ["", "check", "forget"]

chairs = st.builds(
    Topics,
    st.text(st.sampled_from("ab/-._ä2f"), min_size=1, max_size=6),
    st.text(st.sampled_from("ab-_2f"), min_size=1, max_size=6),
)


def test_the_id_of_the_default_prefix_is_prefix_and_chair() -> None:
    assert Topics("unsit", "chair-1f").client_id() == "unsit-chair-1f"


def test_no_two_prefixes_chairs_or_commands_share_an_id() -> None:
    alike = [
        *(Topics(prefix, "desk") for prefix in ("a/b", "a-b", "a_b", "a", "a_2f_b", "a.check")),
        *(Topics("a", chair) for chair in ("b-desk", "desk-check", "check-desk")),
        Topics("a-b", "c"),
        Topics("a", "b-c"),
    ]
    ids = [topics.client_id(purpose) for topics in alike for purpose in PURPOSES]

    assert len(set(ids)) == len(ids)
    assert not any(set("+#/") & set(name) for name in ids), "access lists refuse these"


@given(st.sets(st.tuples(chairs, st.sampled_from(PURPOSES)), min_size=2, max_size=4))
def test_ids_of_different_clients_differ(clients: set[tuple[Topics, str]]) -> None:
    for (one, its_purpose), (other, other_purpose) in combinations(clients, 2):
        assert one.client_id(its_purpose) != other.client_id(other_purpose)
