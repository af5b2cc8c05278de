from __future__ import annotations


def test_a_retired_code_resolves_to_its_live_ancestor(model):
    assert model.vocabulary.is_retired("medtop:20000160")
    assert model.vocabulary.live("medtop:20000160") == "medtop:03000000"


def test_an_unknown_code_is_known_to_be_unknown(model):
    assert "medtop:99999999" not in model.vocabulary
    assert model.vocabulary.live("medtop:99999999") is None


def test_a_code_is_within_itself_and_its_ancestors_only(model):
    within = model.vocabulary.is_within

    assert within("medtop:20000642", "medtop:20000638")
    assert within("medtop:20000642", "11000000")
    assert within("medtop:11000000", "medtop:11000000")
    assert not within("medtop:11000000", "medtop:20000642")
    assert not within("medtop:20000642", "medtop:04000000")


def test_there_are_17_live_topics_at_the_first_level_and_121_at_the_second(model):
    assert len(model.tops) == 17
    assert len(model.children) == 121
    assert sum(len(model.vocabulary.children(top)) for top in model.tops) == 121


def test_labels_fall_back_to_english(model):
    assert model.vocabulary.label("medtop:11000000", "ar") == "سياسة"
    assert model.vocabulary.label("medtop:11000000", "xx") == "politics"
