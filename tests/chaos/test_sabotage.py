"""Delivery broken on purpose: the harness that finds nothing wrong must find this."""

import shutil
from pathlib import Path

import pytest
from chaos.cases import CASES
from chaos.mutations import MUTATIONS, Edit
from chaos.sabotage import apply, sabotage
from chaos.stages import Stages

CHEAP = ("markers are not looked for",)


@pytest.mark.parametrize("name", CHEAP)
def test_broken_delivery_is_noticed(driver: Stages, name: str) -> None:
    (mutation,) = [one for one in MUTATIONS if one.name == name]
    found = sabotage(driver, mutation)
    assert found.trial in mutation.trials, found.said


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_what_a_mutation_replaces_is_in_the_code_exactly_once(mutation: object, project: Path, tmp_path: Path) -> None:
    for edit in mutation.edits:  # type: ignore[attr-defined]
        (tmp_path / edit.file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project / edit.file, tmp_path / edit.file)
    apply(mutation.edits, tmp_path)  # type: ignore[attr-defined]


def test_a_text_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("one one", encoding="utf-8")
    for old in ("two", "one"):
        with pytest.raises(ValueError, match="and not once"):
            apply([Edit("code.py", old, "three")], tmp_path)


def test_every_trial_is_a_case_a_clean_night_or_a_place_with_its_blow() -> None:
    for trial in [trial for mutation in MUTATIONS for trial in mutation.trials]:
        place, _, blow = trial.rpartition(", ")
        assert (
            trial in CASES or trial in ("clean first", "clean second") or (place and blow in ("process", "connection"))
        )
