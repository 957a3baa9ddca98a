"""The list of ways to break delivery keeps up with the code (tests/chaos/test_stages.py runs one of them)."""

import shutil
from pathlib import Path

import pytest
from chaos.cases import CASES
from chaos.mutations import MUTATIONS, Edit, Mutation
from chaos.sabotage import apply


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_what_a_mutation_replaces_is_in_the_code_exactly_once(
    mutation: Mutation, project: Path, tmp_path: Path
) -> None:
    for edit in mutation.edits:
        (tmp_path / edit.file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project / edit.file, tmp_path / edit.file)
    apply(mutation.edits, tmp_path)


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
